import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { feePolicy, firstFees, gasToBuy, raisedFees } from "./fees.ts";
import { FEE_CEILING_FACTOR, MAX_TRANSACTION_GAS } from "./limits.ts";

const wide = { maxFee: 10n ** 12n };
const nothing = { baseFee: 0n, tip: 0n };

describe("the first offer", () => {
  it("is twice the base fee and the tip, cut where the policy ends", () => {
    expect(firstFees({ baseFee: 100n, tip: 3n }, wide)).toEqual({ maxFee: 203n, priorityFee: 3n });
    expect(firstFees(nothing, wide)).toEqual({ maxFee: 1n, priorityFee: 1n });
    expect(firstFees({ baseFee: 100n, tip: 7n }, wide)).toEqual({ maxFee: 207n, priorityFee: 7n });
    expect(firstFees({ baseFee: 100n, tip: 0n }, wide)).toEqual({ maxFee: 201n, priorityFee: 1n });
    expect(firstFees({ baseFee: 100n, tip: 7n }, { maxFee: 150n })).toEqual({ maxFee: 150n, priorityFee: 7n });
    expect(firstFees({ baseFee: 100n, tip: 7n }, { maxFee: 107n })).toEqual({ maxFee: 107n, priorityFee: 7n });
  });

  it("is not made where the next block asks more than the policy allows", () => {
    expect(firstFees({ baseFee: 100n, tip: 7n }, { maxFee: 106n })).toBeNull();
  });
});

describe("a replacement's offer", () => {
  const first = { maxFee: 80n, priorityFee: 8n };
  const quiet = { baseFee: 1n, tip: 1n };

  it("raises both fields by more than an eighth, also where an eighth rounds to nothing", () => {
    const last = { maxFee: 7n, priorityFee: 1n };
    expect(raisedFees({ first: last, last }, nothing, wide)).toEqual({ maxFee: 9n, priorityFee: 3n });
    const large = { maxFee: 1_000n, priorityFee: 80n };
    expect(raisedFees({ first: large, last: large }, nothing, wide)).toEqual({ maxFee: 1_126n, priorityFee: 91n });
    expect(raisedFees({ first, last: first }, quiet, wide)).toEqual({ maxFee: 91n, priorityFee: 10n });
    for (const fee of [1n, 7n, 8n, 9n, 1_000_000_007n]) {
      const offer = { maxFee: fee, priorityFee: fee };
      const next = raisedFees({ first: offer, last: offer }, quiet, wide);
      expect((next?.maxFee ?? 0n) * 8n).toBeGreaterThanOrEqual(fee * 9n);
      expect((next?.priorityFee ?? 0n) * 8n).toBeGreaterThanOrEqual(fee * 9n);
    }
  });

  it("follows the network where that asks more, and its tip never exceeds the whole", () => {
    const last = { maxFee: 100n, priorityFee: 10n };
    expect(raisedFees({ first: last, last }, { baseFee: 240n, tip: 20n }, wide)).toEqual({
      ...{ maxFee: 500n, priorityFee: 20n },
    });
    expect(raisedFees({ first, last: first }, { baseFee: 200n, tip: 30n }, wide)).toEqual({
      ...{ maxFee: 430n, priorityFee: 30n },
    });
    expect(raisedFees({ first, last: first }, { baseFee: 1n, tip: 5_000n }, wide)).toEqual({
      ...{ maxFee: 1_600n, priorityFee: 1_600n },
    });
  });

  it("ends at the policy and at what the first offer may grow to", () => {
    expect(raisedFees({ first, last: first }, { baseFee: 200n, tip: 1n }, { maxFee: 91n })).toEqual({
      ...{ maxFee: 91n, priorityFee: 10n },
    });
    expect(raisedFees({ first, last: first }, quiet, { maxFee: 90n })).toBeNull();
    const grown = { maxFee: first.maxFee * FEE_CEILING_FACTOR, priorityFee: 8n };
    expect(raisedFees({ first, last: grown }, quiet, wide)).toBeNull();
  });

  it("is taken by every node and never above the policy, whatever came before", () => {
    const wei = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(wei, wei, wei, wei, wei, (firstFee, lastFee, tip, baseFee, maxFee) => {
        const last = { maxFee: lastFee, priorityFee: lastFee < tip ? lastFee : tip };
        const next = raisedFees({ first: { maxFee: firstFee, priorityFee: 1n }, last }, { baseFee, tip }, { maxFee });
        if (next === null) return;
        expect(next.maxFee <= maxFee && next.maxFee <= firstFee * FEE_CEILING_FACTOR).toBe(true);
        expect(next.priorityFee <= next.maxFee).toBe(true);
        expect(next.maxFee * 8n >= last.maxFee * 9n && next.priorityFee * 8n >= last.priorityFee * 9n).toBe(true);
      }),
    );
  });
});

describe("gas", () => {
  it("is bought an eighth more, and nothing above one transaction's limit", () => {
    expect(gasToBuy(80_000n)).toBe(100_000n);
    // What a block allows is enough where the simulation fits into it.
    expect(gasToBuy(80_000n, { blockGas: 90_000n })).toBe(90_000n);
    expect(gasToBuy(80_000n, { blockGas: 79_999n })).toBeNull();
    expect(gasToBuy(MAX_TRANSACTION_GAS)).toBeNull();
  });

  it("is bought with a wider margin where there is room for it", () => {
    expect(gasToBuy(1_000_000n, { marginPercent: 30n })).toBe(1_300_000n);
    expect(gasToBuy(80_000n, { marginPercent: 10n })).toBe(100_000n);
    expect(gasToBuy(14_000_000n, { marginPercent: 30n })).toBe(MAX_TRANSACTION_GAS);
    expect(gasToBuy(14_903_000n, { marginPercent: 30n })).toBe(MAX_TRANSACTION_GAS);
    expect(gasToBuy(14_905_000n, { marginPercent: 30n })).toBeNull();
  });
});

it("has a policy for whoever says nothing", () => {
  expect(feePolicy()).toEqual({ replaceAfterMs: 48_000, maxFee: 300_000_000_000n });
  expect(feePolicy({ replaceAfterSeconds: 1, maxFeeGwei: 2 })).toEqual({
    replaceAfterMs: 1_000,
    maxFee: 2_000_000_000n,
  });
});
