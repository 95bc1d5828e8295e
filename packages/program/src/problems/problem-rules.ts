import type { ProblemExtras } from "./problem.ts";

/** How an error of the application is answered. */
export interface Refusal<Code extends string> extends ProblemExtras {
  readonly code: Code;
  readonly detail: string;
  /** A line for the log besides; left out where the refusal is expected. */
  readonly log?: { readonly level: "warn" | "error"; readonly message: string };
}

/**
 * Reads errors of one kind; null for all others. The application registers its rules where it is
 * put together.
 */
export type ProblemRule<Code extends string> = (error: unknown) => Refusal<Code> | null;

/** The rule for one class of errors. */
export function problemRule<E extends Error, Code extends string>(
  errorClass: abstract new (...values: never[]) => E,
  describe: (error: E) => Refusal<Code>,
): ProblemRule<Code> {
  return (error) => (error instanceof errorClass ? describe(error) : null);
}
