import { beforeAll, describe, expect, it } from "@jest/globals";

/**
 * What the page's texts are made of; the page has no build, so its file is loaded as it is served.
 */
interface PageTexts {
  amountOf(typed: string): string | null;
  bannerOf(terminal: object): { kind: string; title: string; items: readonly object[] };
  clockText(clock: { now: number; confirmed: boolean; rightTime: number | null }): string;
  dayTime(seconds: number): string;
  leftOf(tap: object): string;
  whereItIs(tap: object): string;
  isReversible(tap: object, givesBack: boolean): boolean;
  isRefundable(tap: object, givesBack: boolean): boolean;
}

let texts: PageTexts;

beforeAll(async () => {
  texts = (await import(new URL("../../public/terminal-texts.js", import.meta.url).href)) as PageTexts;
});

const nowhere = { state: null, reported: null, tx: null, claimTx: null, outcome: null };
const unsent = { reversed: false, delivery: "unsent", ...nowhere };
const paid = { outcome: "accepted", amount: "2.50", saleOpen: false, voucher: unsent, refunds: [] };

function sent(state: string | null, changes: object = {}): object {
  return { ...paid, voucher: { ...unsent, delivery: "taken", state, ...changes } };
}

const reported = (state: string): object => sent(state, { reported: "final", tx: "0x1" });
const seen = (outcome: string, changes: object = {}): object =>
  sent("final", { delivery: "final", reported: "final", outcome, ...changes });

describe("an amount that somebody typed", () => {
  it.each([
    ["2.50", "2.50"],
    [" 3 ", "3"],
    ["2,50", "2.50"],
    ["0.01", "0.01"],
  ])("%p is %p", (typed, amount) => {
    expect(texts.amountOf(typed)).toBe(amount);
  });

  it.each(["", "0", "0.00", "-1", "1e3", "01", "1.", ".5", "1,000", "1,000.50", "1 000", "2,5,0"])(
    "%p is none: nothing is guessed",
    (typed) => {
      expect(texts.amountOf(typed)).toBeNull();
    },
  );
});

describe("the banner", () => {
  const [reason, warning] = [
    { code: "STATUS_LIST_TOO_OLD", message: "The list is too old." },
    { code: "LINE_TIMED_OUT", message: "Settlement does not answer." },
  ];
  const [reached, away] = [{ reached: true }, { reached: false }];

  it.each<[string, string, object, readonly object[]]>([
    ["Ready to sell", "good", { ready: true, reasons: [], warnings: [], lastExchange: null }, []],
    ["Ready to sell", "good", { ready: true, reasons: [], warnings: [], lastExchange: reached }, []],
    ["Ready to sell", "warn", { ready: true, reasons: [], warnings: [warning], lastExchange: reached }, [warning]],
    [
      "Ready to sell, no connection",
      "warn",
      { ready: true, reasons: [], warnings: [warning], lastExchange: away },
      [warning],
    ],
    [
      "Cannot sell now",
      "stop",
      { ready: false, reasons: [reason], warnings: [warning], lastExchange: away },
      [reason, warning],
    ],
  ])("says %p, in %s, with everything behind it", (title, kind, terminal, items) => {
    expect(texts.bannerOf(terminal)).toEqual({ kind, title, items });
  });
});

describe("the clock", () => {
  const now = 1_790_000_000;

  it("shows the right time beside a wrong one, and what to do", () => {
    const wrong = texts.clockText({ now: now + 34_560_000, confirmed: false, rightTime: now });
    expect(wrong).toContain(texts.dayTime(now));
    expect(wrong).toContain(texts.dayTime(now + 34_560_000));
    expect(wrong).toContain("Set the clock");
  });

  it("shows no other time while it is right, or while nobody knows the right one", () => {
    const right = texts.clockText({ now, confirmed: true, rightTime: now + 7 });
    expect(right).toContain("confirmed");
    expect(right).not.toContain("Set the clock");
    expect(texts.clockText({ now, confirmed: false, rightTime: null })).toBe("not confirmed");
  });
});

describe("what is left to give back", () => {
  it("is counted in the smallest digits, without refused refunds", () => {
    const refunds = [
      { amount: "1", state: "refunded" },
      { amount: "0.255", state: "refunding" },
      { amount: "2.00", state: "refused" },
    ];
    expect(texts.leftOf({ ...paid, refunds })).toBe("1.245");
    expect(texts.leftOf({ ...paid, amount: "3", refunds: [{ amount: "3", state: "refunded" }] })).toBe("0");
  });
});

describe("where a payment is", () => {
  it.each<[string, object]>([
    ["not sent yet", paid],
    ["sent, on its way to the chain", sent("batched")],
    ["brought to the chain by this terminal", { ...paid, voucher: { ...unsent, claimTx: "0x1" } }],
    ["sent", sent("final")],
    ["settled, says settlement", reported("final")],
    ["paid by the issuer, says settlement", reported("compensated")],
    ["released, says settlement", reported("released")],
    ["given back, says settlement", reported("refunded")],
    ["paid out", seen("paid")],
    ["paid out", seen("paid", { state: null, reported: null })],
    ["paid out by the issuer", seen("compensated")],
    ["released, its value is back behind the card", seen("released", { reversed: true })],
    ["given back, says settlement", seen("paid", { state: "refunded" })],
    ["refused by settlement", sent(null, { delivery: "disputed" })],
    ["reversed, its value goes back", { ...paid, voucher: { ...unsent, reversed: true } }],
    ["not accepted, its value goes back", { ...paid, outcome: "refused", voucher: { ...unsent, reversed: true } }],
    ["", { ...paid, outcome: "refused", voucher: null }],
    ["waiting for the same card", { ...paid, outcome: "unresolved", voucher: null, saleOpen: true }],
  ])("is shown as %p", (shown, tap) => {
    expect(texts.whereItIs(tap)).toBe(shown);
  });
});

describe("what can be done with a payment", () => {
  it("is to reverse it or to refund it, never both", () => {
    const refunded = { ...(seen("paid") as typeof paid), refunds: [{ amount: "2.50", state: "refunding" }] };
    for (const [tap, givesBack, reverse, refund] of [
      [paid, true, true, false],
      [paid, false, true, false],
      [sent("batched"), true, false, true],
      [sent("batched"), false, true, false],
      [seen("paid"), true, false, true],
      [seen("paid"), false, false, false],
      [reported("final"), true, false, true],
      [reported("final"), false, false, false],
      [refunded, true, false, false],
      [{ ...paid, outcome: "unresolved", voucher: null }, true, true, false],
      [{ ...paid, outcome: "refused", voucher: null }, true, false, false],
    ] as const)
      expect([texts.isReversible(tap, givesBack), texts.isRefundable(tap, givesBack)]).toEqual([reverse, refund]);
  });
});
