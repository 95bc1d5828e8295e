import { describe, expect, it } from "@jest/globals";
import { closingTables } from "./closing-tables.ts";
import { documentOf } from "./document.ts";
import { createNarrator } from "../story/narrator.ts";
import { type DemoReport, short, table } from "./report.ts";

describe("table", () => {
  it("makes columns as wide as their widest cell and puts amounts to the right", () => {
    expect(
      table([
        ["what", "sum"],
        ["a", "12.50"],
        ["longer", "3.00"],
      ]),
    ).toBe(["what    sum", "──────  ─────", "a       12.50", "longer   3.00"].join("\n"));
  });
});

describe("short", () => {
  it.each([
    [null, "–"],
    ["0x0102", "0x0102"],
    [`0x${"ab".repeat(20)}`, "0xababab…abab"],
  ])("shortens %p to %p", (id, text) => {
    expect(short(id)).toBe(text);
  });
});

describe("createNarrator", () => {
  it("numbers chapters and keeps what was wrong", () => {
    const written: string[] = [];
    let now = 0;
    const narrator = createNarrator(
      (text) => written.push(text),
      () => now,
    );
    narrator.chapter("One");
    now = 1_500;
    narrator.line("good");
    narrator.wrong("bad");
    narrator.chapter("Two");
    expect(written).toEqual(["\n1  One\n", "   1.5 s  good\n", "   1.5 s  ✗ bad\n", "\n2  Two\n"]);
    expect(narrator.faults).toEqual(["bad"]);
  });
});

describe("the report", () => {
  const report: DemoReport = {
    schema: "tallystick.demo/1",
    ok: false,
    seconds: 3,
    taps: [],
    uploads: [],
    forks: [{ card: "0x01", counter: 2, vouchers: ["0x02", "0x03"], paid: "0x02", bearer: "issuer" }],
    batches: [],
    money: {
      minted: "5",
      wallets: "1",
      guarantee: "0.50",
      cards: "1",
      owed: "1",
      paidOut: "2",
      acceptedUnpaid: "0",
      ledgerDifference: "0",
    },
    refund: {
      merchant: "A",
      card: "0x01",
      voucherId: "0x04",
      amount: "1.80",
      state: "refunded",
      tx: "0x05",
    },
    topUp: { merchant: "A", card: "0x01", voucherId: "0x08", amount: "23.00", added: "16.80", apdus: 4 },
    claim: {
      merchant: "B",
      card: "0x01",
      voucherId: "0x06",
      amount: "1.35",
      settled: 1,
      withdrawn: "1.35",
      tx: "0x07",
    },
  };

  it("names the loser of a fork and does not call a failed run good", () => {
    const text = closingTables(report);
    expect(text).toMatch(/0x01 +2 +0x02 +0x03/);
    expect(text).toMatch(/refund of a final payment +A +0x01 +1\.80 +0x04 +0x05/);
    expect(text).toMatch(/top-up and refund +A +0x01 +16\.80 +23\.00 +0x08 +4/);
    expect(text).toMatch(/claim without settlement +B +0x01 +1\.35 +0x06 +0x07/);
    expect(text).toMatch(/\+ in the guarantee's account +0\.50/);
    expect(text).toContain("Something does not match");
    expect(closingTables({ ...report, ok: true })).toContain("Everything is accounted for.");
  });

  it("names merchants in its document under the key of the document's first version, at the same place", () => {
    const { refund, uploads } = documentOf({
      ...report,
      uploads: [{ merchant: "B", new: 1, duplicate: 0, forked: 0, refused: 0 }],
    });
    expect(Object.entries(uploads[0] ?? {})[0]).toEqual(["shop", "B"]);
    expect(Object.entries(refund)[0]).toEqual(["shop", "A"]);
  });
});
