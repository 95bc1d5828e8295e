import { afterEach, describe, expect, it } from "@jest/globals";
import { ReaderError, type ReaderErrorCode } from "@tallystick/apdu";
import { decodeSelectAnswer } from "@tallystick/protocol";
import type { TestCard } from "../../../test/harness/test-card.ts";
import type { TestTerminal } from "../../../test/harness/test-terminal.ts";
import { TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { CARD_ANSWER_TIMEOUT_MS } from "../../limits.ts";

const SELECT = 0xa4;

/** The default of `cardWaitSeconds`, which is no longer than a silent card is waited for. */
const waitMs = 5_000;

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

/** A terminal that knows a card by its short forms, and the card's tap with how it was asked. */
async function metCard() {
  const { terminal, card } = await suite.withCard();
  card.shortForms = true;
  await terminal.tap(1n);
  await terminal.gateway.engine.rest();
  const tapOf = async (other: TestCard) => {
    terminal.reader.card = other;
    await terminal.gateway.engine.rest();
    const { connects } = terminal.reader;
    other.receivedShort.length = 0;
    const { outcome, code, apdus } = await terminal.tap(1n, { waitMs });
    const seen = { outcome, code, apdus, connects: terminal.reader.connects - connects };
    await terminal.gateway.engine.rest();
    return seen;
  };
  return { terminal, card, tapOf };
}

/** Cards of this terminal answer no short SELECT; the reader is taken for so many connects after it. */
function silence(terminal: TestTerminal, code: ReaderErrorCode, { silent, pending = 0 }: Silence): void {
  const { reader } = terminal;
  reader.beforeTransmit = ([, ins, , p2]) => {
    if (ins !== SELECT || p2 !== 4 || reader.card === null || !silent.includes(reader.card)) return Promise.resolve();
    if (code === "CARD_MUTE") terminal.passMs(CARD_ANSWER_TIMEOUT_MS);
    reader.pendingConnects = pending;
    throw new ReaderError(code, { reader: reader.name });
  };
}

interface Silence {
  readonly silent: readonly TestCard[];
  readonly pending?: number;
}

const formsOf = ({ gateway }: TestTerminal, card: TestCard) =>
  gateway.journal.knownCards.of(decodeSelectAnswer(card.shown()).cardTag)?.shortForms;

describe("a card that claims the short forms and is silent in them", () => {
  it.each([
    ["CARD_MUTE", 1],
    ["CARD_REMOVED", 0],
  ] as const)(
    "pays in the long form after %s and %i refused connects, and at once from the third tap on",
    async (code, pending) => {
      const { terminal, card, tapOf } = await metCard();
      silence(terminal, code, { silent: [card], pending });
      const slow = { outcome: "accepted", apdus: 2, connects: 2 + pending };
      expect([await tapOf(card), await tapOf(card)]).toMatchObject([slow, slow]);
      expect(formsOf(terminal, card)).toBe("lacks");
      for (let tap = 3; tap < 5; tap += 1)
        expect(await tapOf(card)).toMatchObject({ outcome: "accepted", apdus: 2, connects: 1 });
      terminal.restart();
      expect(await tapOf(card)).toMatchObject({ outcome: "accepted", connects: 1 });
    },
  );

  it("is counted by itself: an honest card between its taps does not make it one that answers", async () => {
    const { terminal, card: honest, tapOf } = await metCard();
    const card = await terminal.card("silent");
    card.shortForms = true;
    await tapOf(card);
    expect(formsOf(terminal, card)).toBe("has");
    silence(terminal, "CARD_MUTE", { silent: [card] });
    const connects = [];
    for (const next of [card, honest, card, honest]) connects.push((await tapOf(next)).connects);
    expect(connects).toEqual([2, 1, 2, 1]);
    expect([formsOf(terminal, card), formsOf(terminal, honest)]).toEqual(["lacks", "has"]);
  });

  it("once, and answers the next time, keeps its short forms", async () => {
    const { terminal, card, tapOf } = await metCard();
    for (let round = 0; round < 2; round += 1) {
      silence(terminal, "CARD_MUTE", { silent: [card] });
      expect(await tapOf(card)).toMatchObject({ outcome: "accepted", connects: 2 });
      silence(terminal, "CARD_MUTE", { silent: [] });
      expect(await tapOf(card)).toMatchObject({ outcome: "accepted", connects: 1 });
      expect(card.receivedShort).toContain(SELECT);
    }
    expect(formsOf(terminal, card)).toBe("has");
  });

  it("and in the long form too ends the sale by name, and the third tap asks in the long form at once", async () => {
    const { terminal, card, tapOf } = await metCard();
    terminal.reader.beforeTransmit = ([, , , p2]) => {
      card.receivedShort.push(p2 ?? 0);
      terminal.passMs(CARD_ANSWER_TIMEOUT_MS);
      throw new ReaderError("CARD_MUTE", { reader: terminal.reader.name });
    };
    const asked = [];
    for (let tap = 0; tap < 3; tap += 1) {
      expect(await tapOf(card)).toMatchObject({ outcome: "refused", code: "CARD_MUTE" });
      asked.push([...card.receivedShort]);
    }
    expect(asked).toEqual([[4, 0], [4, 0], [0]]);
  });
});
