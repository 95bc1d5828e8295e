import { parseArgs } from "node:util";
import { DEFAULT_SAMPLE, MAX_JOBS, MAX_SAMPLE, MAX_SEED } from "./limits.ts";
import { isPartName, type PartName, parts } from "./parts.ts";

/** What to measure. */
export type Options = {
  readonly part: PartName;
  /** Globs of the sources and of the tests that judge, from the part's folder; the part's own where none is said. */
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
  /** How many mutants are drawn from all; 0 judges all. */
  readonly sample: number;
  /** How many of the draw are passed over, since a run that was ended has judged them. */
  readonly skip: number;
  /** What the sample is drawn from: the same seed on the same source draws the same. */
  readonly seed: number;
  /** How many programs judge at once. */
  readonly jobs: number;
  /** The file that lists the survivors, from the checkout's root. */
  readonly report: string;
  /** Whether what runs only while modules load is judged too. */
  readonly static: boolean;
  /** Whether the result is one line of JSON. */
  readonly json: boolean;
};

/** One line on how the command is called. */
export function usage(): string {
  const names = Object.keys(parts).join("|");
  return `usage: pnpm mutation [--part ${names}] [--sample 0…${MAX_SAMPLE}] [--skip N] [--seed S] [--mutate src/caps.ts,src/wire/**/*.ts] [--tests src/wire/*.test.ts] [--jobs 1…${MAX_JOBS}] [--report FILE] [--static] [--json]`;
}

/** The options of a command line, or null when it is not one. `drawSeed` gives the seed where none is said. */
export function readOptions(args: readonly string[], drawSeed: () => number): Options | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        part: { type: "string", default: "protocol" },
        mutate: { type: "string" },
        tests: { type: "string" },
        sample: { type: "string", default: String(DEFAULT_SAMPLE) },
        skip: { type: "string", default: "0" },
        seed: { type: "string" },
        jobs: { type: "string", default: "1" },
        report: { type: "string" },
        static: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const { part } = values;
    if (!isPartName(part)) return null;
    const jobs = readNumber(values.jobs, MAX_JOBS);
    const sample = readNumber(values.sample, MAX_SAMPLE);
    const skip = readNumber(values.skip, MAX_SAMPLE);
    const seed = values.seed === undefined ? drawSeed() : readNumber(values.seed, MAX_SEED);
    if (jobs === null || jobs < 1 || sample === null || skip === null || seed === null) return null;
    const mutate = values.mutate === undefined ? parts[part].sources : splitGlobs(values.mutate);
    const tests = values.tests === undefined ? parts[part].tests : splitGlobs(values.tests);
    // Stryker reads a leading exclamation mark as "not this", and a path out of the folder would leave the copy.
    if (!mutate.every((path) => /^src\/[^!]+$/.test(path) && !path.includes(".."))) return null;
    const mayJudge = (path: string): boolean =>
      /^(src|test|\{src,test\})\/[^!]+\.test\.ts$/.test(path) && !path.includes("..");
    if (values.tests !== undefined && !tests.every(mayJudge)) return null;
    const report = values.report ?? `.tallystick/mutation-${part}.json`;
    return { part, mutate, tests, sample, skip, seed, jobs, report, static: values.static, json: values.json };
  } catch {
    return null;
  }
}

/** A list of globs; a comma inside braces is part of a glob. */
function splitGlobs(text: string): string[] {
  return text.split(/,(?![^{]*\})/);
}

/** A decimal number without sign or leading zeros, or null. */
function readNumber(text: string, most: number): number | null {
  const value = /^(0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : Infinity;
  return value <= most ? value : null;
}
