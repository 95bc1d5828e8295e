import { bytesFromHex, ReaderError, type CardConnection, type Reader, type ReaderErrorCode } from "@tallystick/apdu";
import { createScriptedCard, type ScriptStep } from "@tallystick/apdu/testing";
import { describe, expect, it } from "@jest/globals";
import { asFailure } from "../failures.ts";
import { visitCard, type VisitOptions } from "./card-visit.ts";
import { UnnamedCard, type IdentifiedSession } from "./identify.ts";

const APPLET = "00A4040008F054414C4C59000100";
const DEFAULT = "00A4040000";
const DOMAIN = "00A4040008A00000015100000000";
const CPLC = "80CA9F7F00";
const cplcAnswer = `9F7F2A479051684791208132000012AABBCCDDEEFF${"00".repeat(24)}9000`;
const chipName = "cplc-479051680012aabbccddeeff";

/** A reader that refuses to connect some times and then gives this card. */
function readerOf(script: readonly ScriptStep[], refusals: readonly ReaderErrorCode[] = []) {
  const card = createScriptedCard(script);
  const left = [...refusals];
  let connects = 0;
  const reader = {
    name: "one",
    status: async () => ({}),
    waitForCard: async () => ({}),
    connect: async () => {
      connects += 1;
      const code = left.shift();
      if (code !== undefined) throw new ReaderError(code);
      return { transmit: card.channel, disconnect: async () => undefined } as unknown as CardConnection;
    },
  } as unknown as Reader;
  return { reader, card, connects: () => connects };
}

const identified = (cardName: string) =>
  ({ cardName, session: { close: () => undefined } }) as unknown as IdentifiedSession;

function visit(reader: Reader, changes: Partial<VisitOptions> = {}): Promise<string> {
  const options: VisitOptions = {
    ...{ reader, instance: 1, cardWaitMs: 600, commandTimeoutMs: 1_000, signal: new AbortController().signal },
    stock: { cardName: "diversification" },
    openSession: async () => identified("0a"),
    ...changes,
  };
  const work = visitCard(options, (card) => card.insideSecurityDomain(async ({ cardName }) => cardName));
  return work.catch((error: unknown) => asFailure(error).code);
}

describe("visitCard", () => {
  it("waits until another program that looks at a new card has let it go", async () => {
    const { reader, connects } = readerOf(
      [
        [APPLET, "6A82"],
        [DEFAULT, "9000"],
      ],
      ["READER_IN_USE", "READER_IN_USE"],
    );
    expect([await visit(reader), connects()]).toEqual(["0a", 3]);
  });

  it("does not wait for that longer than for a card", async () => {
    const held = readerOf([], Array<ReaderErrorCode>(9).fill("READER_IN_USE"));
    expect([await visit(held.reader, { cardWaitMs: 400 }), held.connects()]).toEqual(["READER_IN_USE", 3]);
    const other = readerOf([], ["READER_FAULT"]);
    expect([await visit(other.reader), other.connects()]).toEqual(["READER_FAULT", 1]);
  });

  it("finds the security domain by the usual name where a card takes no empty one", async () => {
    const { reader, card } = readerOf([
      [APPLET, "6A82"],
      [DEFAULT, "6D00"],
      [DOMAIN, "6F009000"],
    ]);
    expect(await visit(reader)).toBe("0a");
    card.assertFinished();
    const lost = readerOf([
      [APPLET, "6A82"],
      [DEFAULT, "6D00"],
      [DOMAIN, "6A82"],
    ]);
    expect(await visit(lost.reader)).toBe("CARD_NOT_SUITABLE");
  });

  it("finds it by its own name alone where that is configured", async () => {
    const securityDomain = Uint8Array.from(bytesFromHex("A000000003000000"));
    const { reader, card } = readerOf([
      [APPLET, "6A82"],
      ["00A4040008A00000000300000000", "9000"],
    ]);
    expect(await visit(reader, { stock: { cardName: "diversification", securityDomain } })).toBe("0a");
    card.assertFinished();
  });

  it("names a card by its chip where its ten bytes name nothing", async () => {
    const { reader, card } = readerOf([
      [APPLET, "6A82"],
      [DEFAULT, "9000"],
      [DEFAULT, "9000"],
      [CPLC, cplcAnswer],
      [DEFAULT, "9000"],
    ]);
    const openSession: VisitOptions["openSession"] = async (_channel, name) => {
      if (name === null) throw new UnnamedCard();
      return identified(name);
    };
    expect(await visit(reader, { openSession })).toBe(chipName);
    card.assertFinished();
  });

  it("names it so from the start where the stock says so", async () => {
    const { reader, card } = readerOf([
      [APPLET, "6A82"],
      [DEFAULT, "9000"],
      [DEFAULT, "9000"],
      [CPLC, cplcAnswer],
      [DEFAULT, "9000"],
    ]);
    const openSession: VisitOptions["openSession"] = async (_channel, name) => identified(name ?? "none");
    expect(await visit(reader, { openSession, stock: { cardName: "cplc" } })).toBe(chipName);
    card.assertFinished();
  });

  it.each(["6A88", `9F7F2A${"00".repeat(42)}9000`])("refuses a card that nothing names (%s)", async (answer) => {
    const { reader } = readerOf([
      [APPLET, "6A82"],
      [DEFAULT, "9000"],
      [DEFAULT, "9000"],
      [CPLC, answer],
    ]);
    expect(await visit(reader, { stock: { cardName: "cplc" } })).toBe("CARD_NOT_SUITABLE");
  });
});
