import { LEAST_SCORE_PERCENT } from "./limits.ts";
import type { Options } from "./options.ts";
import { type LeftOut, type Part, type PartName, parts } from "./parts.ts";
import { type FileMutants, sampleOf, type Score, scoresOf, type Survivor, survivorsOf, timedOutOf } from "./score.ts";

/** What a run found, as `--json` prints it. */
export type Result = {
  readonly schema: "tallystick.mutation/4";
  readonly part: PartName;
  readonly commit: string;
  /** Whether the measured folder differed from that commit. */
  readonly changed: boolean;
  readonly seed: number;
  /** The sample that was asked for (0: all) and after how many, how many mutants there are, and how many were drawn. */
  readonly sample: { readonly size: number; readonly skip: number; readonly all: number; readonly drawn: number };
  readonly mutate: readonly string[];
  readonly judgedBy: readonly string[];
  readonly total: Score;
  readonly folders: Readonly<Record<string, Score>>;
  readonly least: number;
  readonly leftOut: { readonly sources: LeftOut; readonly tests: LeftOut };
  readonly survivors: readonly Survivor[];
  /** Noticed by nothing but the time that they took. */
  readonly timedOut: readonly Survivor[];
};

/** The result of a run. */
export function resultOf(
  files: FileMutants,
  options: Pick<Options, "part" | "seed" | "sample" | "skip" | "mutate" | "tests">,
  measured: { readonly commit: string; readonly changed: boolean },
): Result {
  const part: Part = parts[options.part];
  return {
    schema: "tallystick.mutation/4",
    part: options.part,
    ...measured,
    seed: options.seed,
    sample: { size: options.sample, skip: options.skip, ...sampleOf(files) },
    mutate: options.mutate,
    judgedBy: options.tests,
    ...scoresOf(files),
    least: LEAST_SCORE_PERCENT,
    leftOut: { sources: part.sourcesLeftOut, tests: part.testsLeftOut },
    survivors: survivorsOf(files),
    timedOut: timedOutOf(files),
  };
}

/** Whether the whole sample was judged, and enough of it noticed. */
export function isGoodEnough({ sample, total, least }: Result): boolean {
  const rest = Math.max(0, sample.all - sample.skip);
  const wanted = sample.size === 0 ? rest : Math.min(sample.size, rest);
  return sample.drawn === wanted && total.unjudged === 0 && total.score !== null && total.score >= least;
}

/** The result for people: the survivors, the score, and how to have the same sample again. */
export function printedResult(result: Result): string {
  const { part, seed, commit, changed, sample, total, survivors, timedOut, least } = result;
  const short = (text: string): string => {
    const [first = "", ...more] = text.split("\n");
    return more.length === 0 ? first : `${first} …`;
  };
  return [
    ...survivors.map(
      ({ file, line, column, mutator, status, original, replacement }) =>
        `${file}:${line}:${column} ${mutator} (${status}): ${short(original)} → ${short(replacement)}`,
    ),
    `part ${part} at ${commit}${changed ? " with changes" : ""}, seed ${seed}: ${sample.drawn} of ${sample.all} changes drawn`,
    `${total.noticed} noticed (${timedOut.length} by the time alone), ${total.missed} missed, ${total.unjudged} not judged, ${total.ignored} left out: they run only while modules load, do not compile or compile to the same`,
    `score ${total.score ?? "none"} %, at least ${least} % wanted`,
  ].join("\n");
}
