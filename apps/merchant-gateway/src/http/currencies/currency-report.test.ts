import { afterEach, describe, expect, it } from "@jest/globals";
import { createAsset } from "@tallystick/money";
import { encodeDomain, toAddress } from "@tallystick/protocol";
import { DAY, domain, servedDomain, START, TestTerminal } from "../../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { ReadinessReport } from "../readiness.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

const read = async ({ gateway }: TestTerminal) => await new ReadinessReport(gateway).read();
const codes = (notes: readonly { readonly code: string }[]): string[] => notes.map(({ code }) => code);

describe("a currency", () => {
  it("sells until its list or its oldest payment is too old, and warns from 80 % of it on", async () => {
    const { terminal } = await suite.withCard();
    const listEnd = START - 60 + 7 * DAY;
    const first = await read(terminal);
    expect(first.currencies).toMatchObject([
      { currency: "USDC", decimals: 6, keyedDecimals: 2, ready: true, reasons: [], sellsUntil: listEnd },
    ]);
    await terminal.tap(PRICE);
    const paid = await read(terminal);
    expect(paid.currencies[0]).toMatchObject({ sellsUntil: START + 6.5 * DAY, used: { unsentCount: 0.002 } });
    terminal.now = START + Math.floor(6.5 * DAY * 0.8) - 1;
    expect(codes((await read(terminal)).warnings)).toEqual([]);
    terminal.now += 1;
    expect(codes((await read(terminal)).warnings)).toEqual(["UNSENT_AGEING"]);
    terminal.now = START - 60 + Math.ceil(7 * DAY * 0.8);
    expect(codes((await read(terminal)).warnings)).toEqual(["LIST_AGEING", "UNSENT_AGEING"]);
    terminal.now = START + 6.5 * DAY;
    const late = await read(terminal);
    expect([late.ready, codes(late.reasons), late.currencies[0]?.sellsUntil]).toEqual([
      ...[false, ["TERMINAL_UNSENT_AGE"], null],
    ]);
  });

  it("warns of sum, count and certificate before they are used up", async () => {
    const { terminal } = await suite.withCard({
      domains: [await servedDomain({ unsentSum: PRICE * 5n, unsentCount: 5 })],
    });
    for (let paid = 0; paid < 4; paid += 1) {
      expect(codes((await read(terminal)).warnings)).toEqual([]);
      await terminal.tap(PRICE);
    }
    expect(codes((await read(terminal)).warnings)).toEqual(["UNSENT_SUM_NEAR", "UNSENT_COUNT_NEAR"]);
    const { terminal: idle } = await suite.withCard();
    const end = START + 300 * DAY;
    for (const [days, expected] of [
      [31, []],
      [29, ["CERTIFICATE_ENDING"]],
    ] as const) {
      idle.now = end - days * DAY;
      await idle.offerList({ seq: 100 - days });
      expect(codes((await read(idle)).warnings)).toEqual(expected);
    }
  });

  it("sells while another one cannot, which says why", async () => {
    const other = { ...domain, vault: toAddress(new Uint8Array(20).fill(0x52)) };
    const terminal = await TestTerminal.make({
      domains: [
        await servedDomain(),
        await servedDomain({
          ...{ domain: other, domainBytes: encodeDomain(other), certificate: null },
          asset: createAsset({ code: "JPYC", decimals: 0, scale: 1n }),
        }),
      ],
    });
    terminal.reader.card = await terminal.card();
    const readiness = await read(terminal);
    expect([readiness.ready, readiness.reasons]).toEqual([true, []]);
    expect(readiness.currencies).toMatchObject([
      { currency: "USDC", ready: true },
      {
        currency: "JPYC",
        keyedDecimals: 0,
        ready: false,
        sellsUntil: null,
        reasons: [{ code: "CERTIFICATE_MISSING" }],
      },
    ]);
    terminal.remove();
  });
});
