import { describe, expect, it } from "@jest/globals";
import { FEE_CEILING_FACTOR } from "../../limits.ts";
import { firstFees, raisedFees } from "./fees.ts";

const wide = { maxFee: 10n ** 12n };

describe("the first offer", () => {
  it("is twice the base fee and the tip, cut where the policy ends", () => {
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

  it("is at least an eighth above the last in both fields, whatever the network asks", () => {
    const raised = raisedFees({ first, last: first }, quiet, wide);
    expect(raised).toEqual({ maxFee: 91n, priorityFee: 10n });
    for (const last of [1n, 7n, 8n, 9n, 1_000_000_007n]) {
      const next = raisedFees(
        { first: { maxFee: last, priorityFee: last }, last: { maxFee: last, priorityFee: last } },
        quiet,
        wide,
      );
      expect((next?.maxFee ?? 0n) * 8n).toBeGreaterThanOrEqual(last * 9n);
      expect((next?.priorityFee ?? 0n) * 8n).toBeGreaterThanOrEqual(last * 9n);
    }
  });

  it("follows the network where that asks more, and its tip never exceeds the whole", () => {
    expect(raisedFees({ first, last: first }, { baseFee: 200n, tip: 30n }, wide)).toEqual({
      maxFee: 430n,
      priorityFee: 30n,
    });
    expect(raisedFees({ first, last: first }, { baseFee: 1n, tip: 5_000n }, wide)).toEqual({
      maxFee: 1_600n,
      priorityFee: 1_600n,
    });
  });

  it("ends at the policy and at what the first offer may grow to", () => {
    expect(raisedFees({ first, last: first }, { baseFee: 200n, tip: 1n }, { maxFee: 91n })).toEqual({
      maxFee: 91n,
      priorityFee: 10n,
    });
    expect(raisedFees({ first, last: first }, quiet, { maxFee: 90n })).toBeNull();
    const grown = { maxFee: first.maxFee * FEE_CEILING_FACTOR, priorityFee: 8n };
    expect(raisedFees({ first, last: grown }, quiet, wide)).toBeNull();
  });
});
