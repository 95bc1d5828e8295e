import { describe, expect, it } from "@jest/globals";
import { NOT_DRAWN } from "./draw.ts";
import { type FileMutants, type Mutant, sampleOf, scoresOf, survivorsOf, timedOutOf } from "./score.ts";

function mutant(status: string, line = 1, columns: readonly [number, number] = [1, 4]): Mutant {
  const [start, end] = columns;
  const location = { start: { line, column: start }, end: { line, column: end } };
  return { status, mutatorName: "EqualityOperator", replacement: "x", location };
}

function files(...states: readonly string[]): FileMutants {
  return { "packages/p/src/a.ts": { source: "abcdef", mutants: states.map((state) => mutant(state)) } };
}

describe("the score", () => {
  it("counts an endless loop as noticed and a place that no test reaches as missed", () => {
    const { total } = scoresOf(files("Killed", "Timeout", "Survived", "NoCoverage"));
    expect(total).toEqual({ noticed: 2, missed: 2, ignored: 0, unjudged: 0, score: 50 });
  });

  it("counts nothing for a change that could not be judged", () => {
    const { total } = scoresOf(files("Killed", "Ignored", "RuntimeError", "CompileError"));
    expect(total).toEqual({ noticed: 1, missed: 0, ignored: 1, unjudged: 2, score: 100 });
  });

  it("is rounded down, so that a share just below the bound stays below it", () => {
    const states = [...Array<string>(8499).fill("Killed"), ...Array<string>(1501).fill("Survived")];
    expect(scoresOf(files(...states)).total.score).toBe(84.9);
  });

  it("is null where there was nothing to change", () => {
    expect(scoresOf({}).total.score).toBeNull();
  });

  it("is given for each folder", () => {
    const source = "abc";
    const { folders } = scoresOf({
      "packages/p/src/a.ts": { source, mutants: [mutant("Killed")] },
      "packages/p/src/wire/b.ts": { source, mutants: [mutant("Survived")] },
    });
    expect(Object.entries(folders).map(([name, { score }]) => [name, score])).toEqual([
      ["packages/p/src", 100],
      ["packages/p/src/wire", 0],
    ]);
  });
});

describe("the sample", () => {
  it("is what was drawn of all that can be judged, and the rest counts nowhere else", () => {
    const undrawn = { ...mutant("CompileError"), statusReason: NOT_DRAWN };
    const mutants = [mutant("Killed"), mutant("NoCoverage"), mutant("Ignored"), undrawn, undrawn];
    const sampled = { "packages/p/src/a.ts": { source: "abcdef", mutants } };
    expect(sampleOf(sampled)).toEqual({ all: 4, drawn: 2 });
    expect(scoresOf(sampled).total).toEqual({ noticed: 1, missed: 1, ignored: 1, unjudged: 0, score: 50 });
  });

  it("keeps what was drawn and could not be compiled as not judged", () => {
    const broken = { ...mutant("CompileError"), statusReason: "a ) is missing" };
    const sampled = { "packages/p/src/a.ts": { source: "abcdef", mutants: [broken] } };
    expect(sampleOf(sampled)).toEqual({ all: 1, drawn: 1 });
    expect(scoresOf(sampled).total.unjudged).toBe(1);
  });
});

describe("the list of survivors", () => {
  it("says what stood where, and leaves out files without any", () => {
    const listed = survivorsOf({
      "a.ts": {
        source: "one\nif (a < b) {}\n",
        mutants: [mutant("Survived", 2, [5, 10]), mutant("Killed", 2, [5, 10])],
      },
      "b.ts": { source: "x", mutants: [mutant("Killed", 1, [1, 2])] },
    });
    expect(listed).toEqual([
      {
        file: "a.ts",
        line: 2,
        column: 5,
        status: "Survived",
        mutator: "EqualityOperator",
        original: "a < b",
        replacement: "x",
      },
    ]);
  });
});

describe("what was noticed by the time alone", () => {
  it("is an endless loop, or a test that waited in vain, and no test that failed", () => {
    const because = (statusReason: string): Mutant => ({ ...mutant("Killed"), statusReason });
    const mutants = [
      { ...mutant("Timeout", 1), replacement: "loop" },
      { ...because("Timeout of 10200ms exceeded. For async tests and hooks, …"), replacement: "wait" },
      because("expected Timeout of 10ms exceeded"),
      mutant("Killed"),
      mutant("Survived"),
    ];
    expect(timedOutOf({ "a.ts": { source: "abc", mutants } }).map(({ replacement }) => replacement)).toEqual([
      "loop",
      "wait",
    ]);
  });
});
