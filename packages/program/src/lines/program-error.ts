import type { ExitKind } from "./exits.ts";

/** What a person needs when a program cannot go on. */
export interface Situation {
  /** Decides the exit code. */
  readonly exit: ExitKind;
  /** What to do now, as a sentence. */
  readonly next: string;
}

/** A fault of one place in a file or on the command line. */
export interface Fault {
  /**
   * Names and indexes with points between them, such as `domains.0.vault`, or a flag; empty for the
   * whole.
   */
  readonly path: string;
  /** From 1; null where the fault has no place in a text. */
  readonly line: number | null;
  /** From 1, in characters. */
  readonly column: number | null;
  readonly message: string;
}

/**
 * An error that says everything its program has to say: a stable code, what happened, what to do,
 * and how to exit.
 */
export class ProgramError extends Error {
  override readonly name: string = "ProgramError";
  readonly code: string;
  readonly exit: ExitKind;
  readonly next: string;

  /** `message` says what happened and never holds a secret. */
  constructor(code: string, message: string, { exit, next }: Situation) {
    super(message);
    this.code = code;
    this.exit = exit;
    this.next = next;
  }
}

/**
 * Throws USAGE, with the commands that there are, where a command line begins with a word that is
 * none of them. One that begins with an option, or with nothing, names no command.
 */
export function assertKnownCommand([word = "-"]: readonly string[], known: readonly string[]): void {
  if (word.startsWith("-") || known.includes(word)) return;
  throw new ProgramError("USAGE", `There is no command ${word}.`, {
    exit: "usage",
    next: `Give one of ${known.join(", ")}; --help says what each is for.`,
  });
}
