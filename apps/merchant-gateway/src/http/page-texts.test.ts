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

const unsent = { reversed: false, delivery: "unsent", state: null, tx: null };
const paid = { outcome: "accepted", amount: "2.50", saleOpen: false, voucher: unsent, refunds: [] };

function sent(state: string | null, delivery = "taken"): object {
  return { ...paid, voucher: { ...unsent, delivery, state } };
}

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
    ["brought to the chain by this terminal", sent("claimed", "unsent")],
    ["settled", sent("final", "final")],
    ["given back", sent("refunded", "final")],
    ["settled, paid by the issuer", sent("compensated", "final")],
    ["refused by settlement", sent(null, "disputed")],
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
    const refunded = { ...(sent("final", "final") as typeof paid), refunds: [{ amount: "2.50", state: "refunding" }] };
    for (const [tap, givesBack, reverse, refund] of [
      [paid, true, true, false],
      [paid, false, true, false],
      [sent("batched"), true, false, true],
      [sent("batched"), false, true, false],
      [sent("final", "final"), true, false, true],
      [sent("final", "final"), false, false, false],
      [refunded, true, false, false],
      [{ ...paid, outcome: "unresolved", voucher: null }, true, true, false],
      [{ ...paid, outcome: "refused", voucher: null }, true, false, false],
    ] as const)
      expect([texts.isReversible(tap, givesBack), texts.isRefundable(tap, givesBack)]).toEqual([reverse, refund]);
  });
});
