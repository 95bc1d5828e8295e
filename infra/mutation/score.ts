import { dirname } from "node:path";
import { NOT_DRAWN } from "./draw.ts";

/** One change of the source and what became of it, as in Stryker's report (mutation-testing-report-schema, version 2). */
export type Mutant = {
  readonly status: string;
  readonly statusReason?: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: Position; readonly end: Position };
};

type Position = { readonly line: number; readonly column: number };

/** The mutants of each file, by its path, with the source they change. */
export type FileMutants = Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;

/** Counts of mutants. `score` is noticed in per cent of noticed and missed, rounded down to a tenth; null of nothing. */
export type Score = {
  readonly noticed: number;
  readonly missed: number;
  /** What runs only while modules load, unless that was asked for. */
  readonly ignored: number;
  /** What could not be judged, for which the tests or the tools are at fault. */
  readonly unjudged: number;
  readonly score: number | null;
};

/** Whether the sample has this mutant. */
function isDrawn({ status, statusReason }: Mutant): boolean {
  return status !== "Ignored" && !(status === "CompileError" && statusReason === NOT_DRAWN);
}

/** How many mutants there are of which the sample is drawn, and how many were. */
export function sampleOf(files: FileMutants): { all: number; drawn: number } {
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  const all = mutants.filter(({ status }) => status !== "Ignored").length;
  return { all, drawn: mutants.filter(isDrawn).length };
}

/** Of mutants in one place. One that ends in an endless loop is noticed; one that no test reaches is missed. */
function scoreOf(mutants: readonly Mutant[]): Score {
  const count = (...states: readonly string[]): number =>
    mutants.filter(({ status }) => states.includes(status)).length;
  const noticed = count("Killed", "Timeout");
  const missed = count("Survived", "NoCoverage");
  const score = noticed + missed === 0 ? null : Math.floor((1000 * noticed) / (noticed + missed)) / 10;
  const ignored = count("Ignored");
  return { noticed, missed, ignored, unjudged: mutants.filter(isDrawn).length - noticed - missed, score };
}

/** The score in total and by folder. */
export function scoresOf(files: FileMutants): { total: Score; folders: Record<string, Score> } {
  const folders: Record<string, Mutant[]> = {};
  for (const [path, { mutants }] of Object.entries(files)) (folders[dirname(path)] ??= []).push(...mutants);
  return {
    total: scoreOf(Object.values(folders).flat()),
    folders: Object.fromEntries(Object.entries(folders).map(([folder, mutants]) => [folder, scoreOf(mutants)])),
  };
}

/** A change that is told of by itself: no test noticed it, or the time alone. */
export type Survivor = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `Survived`, or `NoCoverage` where no test reaches it; `Killed` or `Timeout` where it was noticed by the time. */
  readonly status: string;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
};

/** What the tests missed: where, what stood there, and what it was changed to. */
export function survivorsOf(files: FileMutants): Survivor[] {
  return listed(files, ({ status }) => status === "Survived" || status === "NoCoverage");
}

/**
 * What was noticed by nothing but the time that it took. Such a change waits in vain or never ends; many of them say that
 * the machine was too busy for the limits of time.
 */
export function timedOutOf(files: FileMutants): Survivor[] {
  return listed(
    files,
    ({ status, statusReason = "" }) =>
      status === "Timeout" || (status === "Killed" && /^(Error: )?Timeout of \d+ms exceeded/.test(statusReason)),
  );
}

function listed(files: FileMutants, isListed: (mutant: Mutant) => boolean): Survivor[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split("\n");
    return mutants.filter(isListed).map((mutant) => ({ file, ...describeMutant(mutant, lines) }));
  });
}

function describeMutant(mutant: Mutant, lines: readonly string[]): Omit<Survivor, "file"> {
  const { status, mutatorName: mutator, replacement = "", location } = mutant;
  const { start, end } = location;
  const text = lines.slice(start.line - 1, end.line).join("\n");
  const last = lines[end.line - 1] ?? "";
  const original = text.slice(start.column - 1, text.length - (last.length - (end.column - 1)));
  return { line: start.line, column: start.column, status, mutator, original, replacement };
}
