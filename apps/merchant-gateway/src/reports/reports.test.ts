import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { BareJournal, bareDomain } from "../../test/harness/bare-journal.ts";
import { codeOf, Killed, TRIGGER } from "../../test/harness/codes.ts";
import { Journal } from "../journal/journal.ts";
import type { SaleTerms } from "../journal/sales/sale-store.ts";
import { CSV_COLUMNS } from "./report-csv.ts";
import { Reports } from "./reports.ts";
import { reportText } from "./run-report.ts";

const START = 1_790_000_000;

let bare: BareJournal;
let reports: Reports;
let now = START;
let payments = 0;

/** The terminal serves the domain no more: sales say what they were asked in. */
function reportsOf(journal: Journal): Reports {
  const config = { payee: new Uint8Array(20).fill(1) as never, terminalId: new Uint8Array(8).fill(7) };
  return new Reports({ journal, config, policies: { of: () => null }, clock: { now: () => now } });
}

function sell(id: string, changes: Partial<SaleTerms> = {}, amount = 250n) {
  payments += 1;
  const terms = {
    currency: "USDC",
    decimals: 2,
    amount,
    cashier: null,
    reference: null,
    metadata: {},
    lane: "1",
    ...changes,
  };
  return bare.journal.write(() => {
    bare.journal.sales.add({ ...terms, id }, now);
    return bare.pay({ saleId: id, amount, counter: payments, now });
  });
}

function reverse(tapId: string): void {
  bare.journal.write(() => {
    bare.journal.reversals.add({ id: tapId, domainBytes: bareDomain }, now);
  });
}

function refund(tapId: string, refundId: string, amount: bigint, state: "refunding" | "reversed" = "refunding"): void {
  bare.journal.write(() => {
    bare.journal.refunds.begin({ tapId, refundId, amount, state }, now);
  });
}

/** The sales of each type in a report's file. */
function linesOf(number: number | "x", of: Reports = reports): string[] {
  const text = [...of.csv(number)].join("");
  return text
    .split("\r\n")
    .slice(1, -1)
    .map((line) => line.split(",").slice(2, 5).join(" ").replace(/ \S+ /, " "));
}

beforeEach(() => {
  now = START;
  payments = 0;
  bare = new BareJournal();
  reports = reportsOf(bare.journal);
});
afterEach(() => {
  bare.remove();
});

describe("a report", () => {
  it("sums payments, reversals and refunds by currency and cashier, and shows what is unresolved beside them", () => {
    sell("a", { cashier: "ann" });
    const b = sell("b", { cashier: "ann" }, 100n);
    const c = sell("c", { cashier: "bo" }, 1_000n);
    sell("d", { currency: "JPYC", decimals: 0 }, 7n);
    reverse(b.tapId);
    // What gives a reversed payment back is its reversal.
    refund(b.tapId, "reversal", 100n, "reversed");
    refund(c.tapId, "r", 400n);
    bare.intend({ saleId: "open", amount: 33n });
    const none = { count: 0, sum: "0.00" };
    const x = reports.x({ by: "ann" });
    expect(x).toMatchObject({ kind: "x", number: 1, fromSeq: 0, since: null, at: START, by: "ann" });
    expect(x.head).toBe(toHex(bare.journal.reports.head().link));
    expect(x.totals).toMatchObject([
      { currency: "JPYC", payments: { count: 1, sum: "7" }, net: "7" },
      {
        ...{ currency: "USDC", payments: { count: 3, sum: "13.50" }, reversals: { count: 1, sum: "1.00" } },
        ...{ refunds: { count: 1, sum: "4.00" }, refundsRefused: none, net: "8.50", unresolved: none },
      },
      // The open tap is no sale's: nobody knows its currency any more.
      { unresolved: { count: 1, sum: "33" }, payments: { count: 0, sum: "0" } },
    ]);
    expect(x.lines.map(({ currency, cashier, lane, net }) => [currency, cashier, lane, net]).slice(0, 3)).toEqual([
      ["JPYC", null, "1", "7"],
      ["USDC", "ann", "1", "2.50"],
      ["USDC", "bo", "1", "6.00"],
    ]);
    expect(reportText(x)).toContain("USDC: payments 3 13.50, reversals 1 1.00, refunds 1 4.00");
  });

  it("is closed once, with consecutive numbers, and stays as it was", () => {
    sell("a");
    const first = reports.z({ by: "ann" });
    expect(first).toMatchObject({ kind: "z", number: 1, totals: [{ payments: { count: 1 } }] });
    now += 60;
    expect(reports.z({ by: null, number: 1 })).toEqual(first);
    const b = sell("b");
    refund(b.tapId, "r", 50n);
    const second = reports.z({ by: "bo", number: 2 });
    expect(second).toMatchObject({ number: 2, fromSeq: first.toSeq, since: START });
    expect(second.totals).toMatchObject([
      { payments: { count: 1, sum: "2.50" }, refunds: { sum: "0.50" }, net: "2.00" },
    ]);
    const [record] = bare.journal.refunds.ofTap(b.tapId);
    if (record !== undefined)
      bare.journal.write(() => {
        bare.journal.refunds.move(record, { state: "refused" }, now);
      });
    expect(codeOf(() => reports.z({ by: null, number: 4 }))).toBe("REPORT_OUT_OF_TURN");
    expect(reports.x({ by: null })).toMatchObject({
      ...{ number: 3, totals: [{ payments: { count: 0 }, refundsRefused: { count: 1, sum: "0.50" }, net: "0.50" }] },
    });
    expect(reports.z({ by: null })).toMatchObject({ number: 3 });
    expect(reports.z({ by: null })).toMatchObject({ number: 4, totals: [], lines: [] });
    expect(codeOf(() => reports.one(5))).toBe("REPORT_UNKNOWN");
    expect(reports.page(2, null).map(({ number }) => number)).toEqual([4, 3]);
    expect(reports.page(9, 3)).toEqual([second, first]);
  });

  it("counts what comes of an earlier period where it comes, below zero too", () => {
    const a = sell("a");
    const open = bare.intend({ saleId: "late", amount: 40n });
    reports.z({ by: null });
    reverse(a.tapId);
    const outcome = { code: null, sw: "9000", apdus: 1, answer: null, spentAfter: null, now };
    bare.journal.write(() => {
      const { taps } = bare.journal;
      const torn = { ...outcome, id: open, saleOpen: false, voucherId: null };
      taps.finish({ ...torn, from: "intent", to: "unresolved" });
      taps.finish({ ...torn, from: "unresolved", to: "accepted", voucherId: new Uint8Array(32).fill(9) });
    });
    const { totals } = reports.x({ by: null });
    expect(totals.find(({ currency }) => currency === "USDC")).toMatchObject({ payments: { count: 0 }, net: "-2.50" });
    expect(totals.find(({ currency }) => currency !== "USDC")).toMatchObject({ payments: { count: 1, sum: "40" } });
    expect(linesOf(1)).toEqual(["payment a"]);
    expect(linesOf("x")).toEqual(["reversal a", "payment late"]);
  });
});

describe("a payment", () => {
  it("stands in exactly one Z, wherever the program is killed", () => {
    const expected: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      sell(`sale-${round}`);
      expected.push(`payment sale-${round}`);
      kill(round % 6);
      bare.journal.close();
      bare.journal = Journal.open(bare.options);
      reports = reportsOf(bare.journal);
    }
    reports.z({ by: null });
    const last = reports.page(1, null)[0]?.number ?? 0;
    const numbers = Array.from({ length: last }, (__, index) => index + 1);
    expect(numbers.flatMap((number) => linesOf(number))).toEqual(expected);
    expect(numbers.map((number) => reports.one(number).number)).toEqual(numbers);
    expect(last).toBeGreaterThan(2);
    expect(linesOf("x")).toEqual([]);
  });

  /** Closes the period with a power loss at this write: before a statement of the journal, or after all of them. */
  function kill(at: number): void {
    const { journal } = bare;
    const { statements } = journal.reports as unknown as { statements: { run: (...values: never[]) => number } };
    const run = statements.run.bind(statements);
    let writes = 0;
    statements.run = (...values) => {
      if (writes === at) throw new Killed();
      writes += 1;
      return run(...values);
    };
    const end = codeOf(() => reports.z({ by: null }));
    statements.run = run;
    expect(end).toBe(at < 2 ? "KILLED" : "nothing thrown");
  }

  it("is refused in a second Z by the journal itself, and a Z is never changed", () => {
    sell("a");
    const { toSeq } = reports.z({ by: null });
    const again = { number: 2, fromSeq: toSeq - 1, toSeq, head: new Uint8Array(32), closedAt: now, body: "{}" };
    const close = (change: object) => () => {
      bare.journal.write(() => {
        bare.journal.reports.close({ ...again, ...change });
      });
    };
    expect(codeOf(close({}))).toBe(TRIGGER);
    expect(codeOf(close({ number: 3, fromSeq: toSeq }))).toBe(TRIGGER);
    close({ fromSeq: toSeq })();
  });
});

describe("the file of a report", () => {
  it("has frozen columns, and nothing in it that a spreadsheet runs", () => {
    expect(CSV_COLUMNS.join()).toBe(
      "report,entry,type,time,sale,reference,cashier,lane,currency,amount,card,voucher,tap,refund",
    );
    const hostile = ["=1+1", "+1", "-1", "@a", "\ta", 'x","y', "line\nbreak", "plain"];
    for (const [index, cashier] of hostile.entries()) sell(`s${index}`, { cashier, reference: '=HYPERLINK("x")' });
    reverse(sell("r").tapId);
    const text = [...reports.csv("x")].join("");
    const lines = text.split("\r\n");
    expect(lines[0]).toBe(CSV_COLUMNS.join());
    const cashiers = ["'=1+1", "'+1", "'-1", "'@a", "'\ta", '"x"",""y"', '"line\nbreak"', "plain"];
    for (const [index, cashier] of cashiers.entries())
      expect(lines[index + 1]).toContain(`,s${index},"'=HYPERLINK(""x"")",${cashier},1,USDC,2.50,`);
    expect(lines.at(-2)).toMatch(/^1,\d+,reversal,2026-09-21T14:13:20.000Z,r,,,1,USDC,-2.50,,0x[0-9a-f]{64},tap-9,$/);
  });

  it("is read in parts of the log, each entry once", () => {
    bare.journal.write(() => {
      for (let count = 0; count < 700; count += 1) sell(`s${count}`);
    });
    expect(bare.journal.reports.head().seq).toBeGreaterThan(2_000);
    expect(linesOf("x")).toEqual(Array.from({ length: 700 }, (_, index) => `payment s${index}`));
  });
});
