import { describe, expect, it } from "@jest/globals";
import { accountIn, chipRows, completesTap, readChipTap, sumOf } from "./chip-account.ts";

const pay = { event: "latency", instruction: "10", ms: 60, tap: { base: 18, sign: 32 } };

describe("readChipTap", () => {
  it("takes the account of the whole tap from PAY's event", () => {
    expect(readChipTap(pay, 51.5)).toEqual({ elapsedMs: 51.5, account: { base: 18, sign: 32 } });
  });

  it("passes over the commands before PAY", () => {
    expect(readChipTap({ ...pay, instruction: "A4" }, 51.5)).toBeUndefined();
  });

  it.each([undefined, null, [18], { base: "18" }, { base: -1 }, { base: null }])("refuses the account %j", (tap) => {
    expect(() => readChipTap({ ...pay, tap }, 51.5)).toThrow(expect.objectContaining({ code: "CARD_ACCOUNT" }));
  });
});

describe("accounts of commands", () => {
  it("add up by cause, up to PAY", () => {
    const update = { event: "latency", instruction: "14", ms: 40, account: { base: 9, verify: 30 } };
    expect([completesTap(update), completesTap(pay)]).toEqual([false, true]);
    expect(sumOf(accountIn(update, "account"), accountIn(pay, "tap"))).toEqual({ base: 27, sign: 32, verify: 30 });
    expect(() => accountIn(pay, "account")).toThrow(expect.objectContaining({ code: "CARD_ACCOUNT" }));
  });
});

describe("chipRows", () => {
  const tap = (elapsedMs: number) => ({ elapsedMs, account: { base: 18, sign: 32 } });

  it("shows the quickest tap with an account that adds up to it, and the median", () => {
    const [quickest, median] = chipRows("jcop4", [tap(90), tap(51.5), tap(52)]);
    expect(quickest).toMatchObject({ name: "tap jcop4", unit: "ms", ours: 51.5, samples: 3 });
    expect(quickest?.account).toEqual({ base: 18, sign: 32, host: 1.5 });
    expect(chipRows("jcop4", [tap(90)], "tap with update")[0]?.name).toBe("tap with update jcop4");
    expect(median).toMatchObject({ name: "tap jcop4 p50", unit: "ms", ours: 52, samples: 3 });
  });

  it("has nothing to say without a tap", () => {
    expect(() => chipRows("jcop4", [])).toThrow(RangeError);
  });
});
