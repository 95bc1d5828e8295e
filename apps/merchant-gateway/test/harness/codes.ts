/** The code of the error that work throws. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return codeOfError(error);
  }
  return "nothing thrown";
}

/** The code of the error that a call is rejected with. */
export async function codeOfRejection(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return codeOfError(error);
  }
  return "nothing thrown";
}

/** SQLite's code for what a trigger refuses. */
export const TRIGGER = "SQLITE_CONSTRAINT_TRIGGER";
/** SQLite's code for what an index refuses. */
export const UNIQUE = "SQLITE_CONSTRAINT_UNIQUE";

/** Ends what runs as the end of its process would. */
export class Killed extends Error {
  readonly code = "KILLED";
}

function codeOfError(error: unknown): string {
  return (error as { readonly code?: string }).code ?? "an error without a code";
}
