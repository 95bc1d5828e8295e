import { describe, expect, it } from "@jest/globals";
import { NOT_DRAWN } from "./draw.ts";
import { isGoodEnough, printedResult, resultOf, type Result } from "./result.ts";
import type { Mutant } from "./score.ts";

const measured = { commit: "c0ffee", changed: false };
const location = { start: { line: 1, column: 1 }, end: { line: 1, column: 4 } };

/** A result with so many noticed, missed and not drawn, of a sample of a size. */
function result(counts: { noticed: number; missed: number; undrawn: number; broken?: number }, sample: number): Result {
  const mutant = (status: string, statusReason?: string): Mutant => ({
    status,
    ...(statusReason === undefined ? {} : { statusReason }),
    mutatorName: "BlockStatement",
    replacement: "{}",
    location,
  });
  const mutants = [
    ...Array.from({ length: counts.noticed }, () => mutant("Killed")),
    ...Array.from({ length: counts.missed }, () => mutant("Survived")),
    ...Array.from({ length: counts.broken ?? 0 }, () => mutant("RuntimeError")),
    ...Array.from({ length: counts.undrawn }, () => mutant("CompileError", NOT_DRAWN)),
  ];
  const files = { "packages/money/src/a.ts": { source: "abc", mutants } };
  return resultOf(files, { part: "money", seed: 5, sample, skip: 0, mutate: ["src/**/*.ts"], tests: [] }, measured);
}

describe("the result of a run", () => {
  it("holds what is needed to have the same sample again, and every survivor", () => {
    const found = result({ noticed: 3, missed: 1, undrawn: 6 }, 4);
    expect(found).toMatchObject({ part: "money", commit: "c0ffee", changed: false, seed: 5 });
    expect(found.sample).toEqual({ size: 4, skip: 0, all: 10, drawn: 4 });
    expect(found.survivors).toEqual([
      expect.objectContaining({
        file: "packages/money/src/a.ts",
        line: 1,
        mutator: "BlockStatement",
        replacement: "{}",
      }),
    ]);
    expect(printedResult(found)).toContain("seed 5");
  });

  it("is good enough from 85 % on, and not just below", () => {
    expect(isGoodEnough(result({ noticed: 17, missed: 3, undrawn: 0 }, 20))).toBe(true);
    expect(isGoodEnough(result({ noticed: 849, missed: 151, undrawn: 0 }, 0))).toBe(false);
  });

  it("is never good where a part of the sample is missing or was not judged", () => {
    expect(isGoodEnough(result({ noticed: 19, missed: 0, undrawn: 30 }, 20))).toBe(false);
    expect(isGoodEnough(result({ noticed: 19, missed: 0, undrawn: 0, broken: 1 }, 20))).toBe(false);
    expect(isGoodEnough(result({ noticed: 19, missed: 0, undrawn: 1 }, 0))).toBe(false);
    expect(isGoodEnough(result({ noticed: 0, missed: 0, undrawn: 0 }, 20))).toBe(false);
  });

  it("is good where there are fewer changes than the sample may have", () => {
    expect(isGoodEnough(result({ noticed: 19, missed: 0, undrawn: 0 }, 300))).toBe(true);
  });
});
