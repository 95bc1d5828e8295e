import { describe, expect, it } from "@jest/globals";
import { chipRow, readChipTap } from "./chip-account.ts";

const pay = { event: "latency", instruction: "10", ms: 60, tap: { base: 18, sign: 32 } };

describe("readChipTap", () => {
  it("takes the account of the whole tap from PAY's event", () => {
    expect(readChipTap(pay, 51.5)).toEqual({ elapsedMs: 51.5, account: { base: 18, sign: 32 } });
  });

  it("passes over the commands before PAY", () => {
    expect(readChipTap({ ...pay, instruction: "A4" }, 51.5)).toBeUndefined();
  });

  it.each([undefined, null, [18], { base: "18" }, { base: -1 }, { base: null }])("refuses the account %j", (tap) => {
    expect(() => readChipTap({ ...pay, tap }, 51.5)).toThrow(/account/);
  });
});

describe("chipRow", () => {
  const tap = (elapsedMs: number) => ({ elapsedMs, account: { base: 18, sign: 32 } });

  it("shows the middle tap with an account that adds up to it", () => {
    const row = chipRow("jcop4", [tap(90), tap(51.5), tap(52)]);
    expect(row).toMatchObject({ name: "tap jcop4", unit: "ms", ours: 52, samples: 3 });
    expect(row.account).toEqual({ base: 18, sign: 32, host: 2 });
  });

  it("has nothing to say without a tap", () => {
    expect(() => chipRow("jcop4", [])).toThrow(RangeError);
  });
});
