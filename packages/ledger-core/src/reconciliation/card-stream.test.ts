import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { reconcileCardStream, type CardObservation, type StreamMark } from "./card-stream.ts";

const impossibleStatement = expect.objectContaining({ code: "BAD_SIGHTING" });
const observation = (counter: number, amount: bigint, spent: bigint, identity = `p${counter}`): CardObservation => ({
  identity,
  counter,
  amount,
  spent,
});

/** A card's whole life from the amounts it paid. */
function lifeOf(amounts: readonly bigint[]): CardObservation[] {
  let spent = 0n;
  return amounts.map((amount, index) => observation(index + 1, amount, (spent += amount)));
}

describe("reconcileCardStream", () => {
  it("finds nothing missing in a whole life, in any order", () => {
    const life = lifeOf([1n, 250n, 40n]);
    const expected = {
      highestCounter: 3,
      payments: 3,
      duplicates: 0,
      contradictions: [],
      gaps: [],
      missingCount: 0,
      missingWorth: 0n,
    };
    expect(reconcileCardStream(life)).toEqual(expected);
    expect(reconcileCardStream(life.toReversed())).toEqual(expected);
    expect(reconcileCardStream([])).toEqual({ ...expected, highestCounter: 0, payments: 0 });
  });

  it("finds what is missing and what it is worth together, from its neighbours alone", () => {
    const [, second, , , fifth] = lifeOf([1n, 250n, 40n, 7n, 3n]);
    const report = reconcileCardStream([fifth, second] as CardObservation[]);
    expect(report.gaps).toEqual([
      { fromCounter: 1, toCounter: 1, count: 1, worth: 1n },
      { fromCounter: 3, toCounter: 4, count: 2, worth: 47n },
    ]);
    expect([report.missingCount, report.missingWorth]).toEqual([3, 48n]);
  });

  it("believes the card's own mark for what came after the last payment seen", () => {
    const life = lifeOf([5n, 6n]);
    const mark: StreamMark = { counter: 4, spent: 31n };
    const report = reconcileCardStream(life, [mark, { counter: 2, spent: 11n }, { counter: 0, spent: 0n }]);
    expect(report.gaps).toEqual([{ fromCounter: 3, toCounter: 4, count: 2, worth: 20n }]);
    expect(report.contradictions).toEqual([]);
    const later = reconcileCardStream([...life, observation(5, 9n, 40n)], [mark]);
    expect(later.gaps).toEqual([{ fromCounter: 3, toCounter: 4, count: 2, worth: 20n }]);
  });

  it("counts repetitions without letting them change anything", () => {
    const life = lifeOf([1n, 250n]);
    const report = reconcileCardStream([...life, ...life, ...life]);
    expect([report.payments, report.duplicates, report.contradictions]).toEqual([2, 4, []]);
  });

  it("names a fork with both payments, and proves nothing by it", () => {
    const life = lifeOf([1n, 250n, 40n, 7n, 3n]);
    const clone = observation(3, 90n, 341n, "clone");
    const report = reconcileCardStream([life[0], life[2], life[4], clone] as CardObservation[]);
    expect(report.contradictions).toEqual([
      { lowerCounter: 3, higherCounter: 3, kind: "fork", identities: ["clone", "p3"] },
    ]);
    expect(report.gaps.map(({ fromCounter, worth }) => [fromCounter, worth])).toEqual([
      [2, null],
      [4, null],
    ]);
    expect(report.missingWorth).toBe(0n);
  });

  it.each<[string, CardObservation[], StreamMark[]]>([
    ["a sum that skips neighbours", [observation(1, 5n, 5n), observation(2, 5n, 11n)], []],
    ["a sum that falls", [observation(2, 5n, 50n), observation(5, 5n, 20n)], []],
    ["a gap worth less than a unit each", [observation(1, 5n, 5n), observation(4, 5n, 11n)], []],
    ["a first payment with a past", [observation(1, 5n, 6n)], []],
    ["a mark that differs from its payment", [observation(1, 5n, 5n)], [{ counter: 1, spent: 6n }]],
    [
      "two marks that differ",
      [],
      [
        { counter: 1, spent: 6n },
        { counter: 1, spent: 7n },
      ],
    ],
    ["a mark of a life without payments", [], [{ counter: 0, spent: 1n }]],
  ])("convicts %s", (_name, observations, marks) => {
    const report = reconcileCardStream(observations, marks);
    expect(report.contradictions.map(({ kind }) => kind)).toEqual(["sum"]);
  });

  it.each<[string, CardObservation]>([
    ["counter 0", observation(0, 1n, 1n)],
    ["a counter above 32 bits", observation(2 ** 32, 1n, 1n)],
    ["a broken counter", observation(1.5, 1n, 1n)],
    ["no amount", observation(1, 0n, 0n)],
    ["an amount above 48 bits", observation(1, 1n << 48n, 1n << 48n)],
    ["less spent than paid", observation(1, 2n, 1n)],
    ["no identity", observation(1, 1n, 1n, "")],
  ])("refuses %s", (_name, impossible) => {
    expect(() => reconcileCardStream([impossible])).toThrow(impossibleStatement);
  });

  it("refuses marks that no card can make", () => {
    expect(() => reconcileCardStream([], [{ counter: -1, spent: 0n }])).toThrow(impossibleStatement);
    expect(() => reconcileCardStream([], [{ counter: 1, spent: -1n }])).toThrow(impossibleStatement);
  });

  it("accounts for every unit of any honest life of which only a part arrived", () => {
    const amounts = fc.array(fc.bigInt({ min: 1n, max: 10_000n }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(amounts, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (paid, arrived) => {
        const life = lifeOf(paid);
        const last = life.at(-1)?.spent ?? 0n;
        const seen = life.filter((_, index) => arrived[index]);
        const report = reconcileCardStream(seen, [{ counter: life.length, spent: last }]);
        const sum = seen.reduce((total, { amount }) => total + amount, 0n);
        expect(report.contradictions).toEqual([]);
        expect(sum + report.missingWorth).toBe(last);
        expect(report.payments + report.missingCount).toBe(life.length);
      }),
    );
  });
});
