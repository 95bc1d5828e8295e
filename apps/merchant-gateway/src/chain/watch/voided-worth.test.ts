import { describe, expect, it } from "@jest/globals";
import { voidedWorth } from "./voided-worth.ts";

/** What a terminal knows that the card had spent after each of its payments. */
function worth(
  marks: Readonly<Record<number, readonly bigint[]>>,
  counters: readonly number[],
  maxSpent = 1_000n,
): bigint {
  const knowledge = { spentAfter: (_: Uint8Array, __: Uint8Array, counter: number) => marks[counter] ?? [] };
  return voidedWorth(knowledge, { domainBytes: new Uint8Array(28), cardKey: new Uint8Array(33), maxSpent }, counters);
}

describe("the worth of voided counters", () => {
  it("is the difference between the verified neighbours of each run", () => {
    expect(worth({ 0: [0n], 1: [10n] }, [1])).toBe(10n);
    expect(worth({ 2: [20n], 5: [90n] }, [5, 3, 4, 4])).toBe(70n);
    expect(worth({ 0: [0n], 1: [10n], 2: [25n], 3: [40n] }, [1, 3])).toBe(25n);
  });

  it("is nothing where a neighbour is unproved, contradicted or above the allowance", () => {
    expect(worth({}, [])).toBe(0n);
    expect(worth({ 5: [90n] }, [3, 4, 5])).toBe(0n);
    expect(worth({ 2: [20n], 4: [80n] }, [3, 4, 5])).toBe(0n);
    expect(worth({ 2: [20n, 95n], 3: [90n, 96n] }, [3])).toBe(0n);
    expect(worth({ 2: [20n], 3: [90n] }, [3], 89n)).toBe(0n);
    expect(worth({ 2: [20n], 3: [90n] }, [3], 90n)).toBe(70n);
  });

  it("is the lower difference where the card has signed two", () => {
    expect(worth({ 2: [20n, 30n], 3: [90n, 95n] }, [3])).toBe(60n);
  });
});
