import { describe, expect, it } from "@jest/globals";
import { marksOfVoucher, voidedSum } from "./voided-sum.ts";

describe("voidedSum (spec §6.3)", () => {
  it("is the amount of a released voucher that is known", () => {
    const marks = marksOfVoucher({ counter: 3n, spent: 900n, amount: 250n });
    expect(voidedSum([3n], marks)).toBe(250n);
  });

  it("counts a run between its verified neighbours, whatever is in it", () => {
    const marks = [
      ...marksOfVoucher({ counter: 2n, spent: 100n, amount: 40n }),
      ...marksOfVoucher({ counter: 6n, spent: 500n, amount: 30n }),
    ];
    expect(voidedSum([3n, 4n, 5n], marks)).toBe(370n);
  });

  it("counts nothing where a neighbour is not proved", () => {
    const marks = marksOfVoucher({ counter: 2n, spent: 100n, amount: 40n });
    expect(voidedSum([3n, 4n], marks)).toBe(0n);
    expect(voidedSum([3n], [{ counter: 3n, spent: 130n }])).toBe(0n);
  });

  it("takes a proof of state as a neighbour, and nothing spent before the first payment", () => {
    expect(voidedSum([1n, 2n], [{ counter: 2n, spent: 70n }])).toBe(70n);
  });

  it("counts separate runs separately and each counter once", () => {
    const marks = [
      ...marksOfVoucher({ counter: 1n, spent: 10n, amount: 10n }),
      ...marksOfVoucher({ counter: 3n, spent: 60n, amount: 20n }),
    ];
    expect(voidedSum([1n, 1n, 3n], marks)).toBe(30n);
  });

  it("finds runs in any order of their counters", () => {
    const marks = [
      ...marksOfVoucher({ counter: 2n, spent: 100n, amount: 40n }),
      ...marksOfVoucher({ counter: 6n, spent: 500n, amount: 30n }),
    ];
    for (const counters of [
      [5n, 3n, 4n],
      [4n, 5n, 3n],
      [5n, 4n, 3n],
    ])
      expect(voidedSum(counters, marks)).toBe(370n);
  });

  it("takes the lower difference where marks contradict each other, in any order of them", () => {
    const marks = [
      { counter: 1n, spent: 10n },
      { counter: 1n, spent: 30n },
      { counter: 2n, spent: 90n },
      { counter: 2n, spent: 50n },
    ];
    expect(voidedSum([2n], marks)).toBe(20n);
    expect(voidedSum([2n], marks.toReversed())).toBe(20n);
  });

  it("counts nothing, and takes nothing off, where the lower difference is none", () => {
    const marks = [
      { counter: 1n, spent: 50n },
      { counter: 2n, spent: 20n },
      { counter: 3n, spent: 30n },
    ];
    expect(voidedSum([2n], marks)).toBe(0n);
    expect(voidedSum([2n, 1n], marks)).toBe(20n);
  });
});
