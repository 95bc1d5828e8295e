import { describe, expect, it } from "@jest/globals";
import { LIMITS } from "../foundation/limits/limits.ts";
import { bumpedFees, gasToBuy, initialFees } from "./fees.ts";

describe("fees", () => {
  it("offers twice the base fee and the tip", () => {
    expect(initialFees({ baseFee: 100n, tip: 3n })).toEqual({ maxFee: 203n, priorityFee: 3n });
    expect(initialFees({ baseFee: 0n, tip: 0n })).toEqual({ maxFee: 1n, priorityFee: 1n });
  });

  it("raises both fields by more than an eighth, also where an eighth rounds to nothing", () => {
    const last = { maxFee: 7n, priorityFee: 1n };
    const next = bumpedFees(last, last, { maxFee: 0n, priorityFee: 0n });
    expect(next).toEqual({ maxFee: 9n, priorityFee: 3n });
    const wide = { maxFee: 1_000n, priorityFee: 80n };
    expect(bumpedFees(wide, wide, { maxFee: 0n, priorityFee: 0n })).toEqual({ maxFee: 1_126n, priorityFee: 91n });
  });

  it("follows the market when that asks for more", () => {
    const last = { maxFee: 100n, priorityFee: 10n };
    expect(bumpedFees(last, last, { maxFee: 500n, priorityFee: 20n })).toEqual({ maxFee: 500n, priorityFee: 20n });
  });

  it("stops at the ceiling", () => {
    const first = { maxFee: 100n, priorityFee: 1n };
    const ceiling = { maxFee: 100n * LIMITS.feeCeilingFactor, priorityFee: 1n };
    expect(bumpedFees(ceiling, first, first)).toBeNull();
  });

  it("buys an eighth more gas, and nothing above one transaction's limit", () => {
    expect(gasToBuy(80_000n)).toBe(100_000n);
    expect(gasToBuy(LIMITS.transactionGas)).toBeNull();
  });
});
