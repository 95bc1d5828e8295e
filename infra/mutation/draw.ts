import { createHash } from "node:crypto";

/** What the report says of a mutant that was not drawn. */
export const NOT_DRAWN = "not drawn";

/** A mutant as Stryker hands it to a checker; the place counts lines and columns from 0. */
export type Drawable = {
  readonly id: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
};

type Place = { readonly line: number; readonly column: number };

/** How many to draw after how many, and from which number. A size of 0 takes all that follow. */
export type Sampling = {
  readonly size: number;
  readonly skip?: number;
  readonly seed: number;
  readonly folder: string;
};

/**
 * The ids of a random sample, which depends on the seed and on what the mutants change, and on nothing else: not on their
 * order, their ids or the folder of the copy. Each mutant has a number of its own from both, and the lowest are drawn.
 */
export function drawMutants(
  mutants: readonly Drawable[],
  { size, skip = 0, seed, folder }: Sampling,
): ReadonlySet<string> {
  const numbered = mutants.map((mutant) => ({ id: mutant.id, number: numberOf(mutant, seed, folder) }));
  if (size === 0 && skip === 0) return new Set(numbered.map(({ id }) => id));
  numbered.sort((a, b) => (a.number < b.number ? -1 : 1));
  return new Set(numbered.slice(skip, size === 0 ? undefined : skip + size).map(({ id }) => id));
}

function numberOf({ fileName, mutatorName, replacement, location }: Drawable, seed: number, folder: string): string {
  const { start, end } = location;
  const file = fileName.startsWith(folder) ? fileName.slice(folder.length) : fileName;
  const what = [seed, file, start.line, start.column, end.line, end.column, mutatorName, replacement];
  return createHash("sha256").update(JSON.stringify(what)).digest("hex");
}
