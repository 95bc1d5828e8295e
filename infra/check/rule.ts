import type { SourceFile } from "./source-files.ts";

/** Something that a rule does not allow: where it stands, what it is, and what to do. */
export type Fault = { readonly path: string; readonly line?: number; readonly what: string };

/** What a rule found. `summary` is shown beside the rule's name, also when all is well. */
export type Verdict = { readonly faults: readonly Fault[]; readonly summary?: string };

/**
 * A rule that judges the texts of the checkout, without starting another program. `otherPaths` are the files whose texts
 * are not read: pictures, lockfiles, licences.
 */
export type Rule = {
  readonly name: string;
  readonly judge: (files: readonly SourceFile[], otherPaths: readonly string[]) => Verdict;
};

/** One line for one fault, in the form that editors take for a link. */
export function describeFault({ path, line, what }: Fault): string {
  return `${path}${line === undefined ? "" : `:${line}`}  ${what}`;
}

/** The number of the line, counted from 1, in which a place of a text lies. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
