import type { ExitKind } from "./exits.ts";
import { type Fault, ProgramError, type Situation } from "./program-error.ts";

/** How a program failed, as its last line says it. */
export interface Failure extends Situation {
  readonly code: string;
  readonly message: string;
  /** Each fault with its place, where the failure is made of several. */
  readonly faults?: readonly Fault[];
}

/** Reads the errors of one part of a program; null for those of others. */
export type FailureRule = (error: unknown) => Failure | null;

/** A class of errors with a stable code. */
type CodedErrorClass<E extends Error & { readonly code: string }> = abstract new (...values: never[]) => E;

/**
 * The rule for one class of errors: a table from each of its codes to the exit and to what to do
 * next. A code that the table lacks does not compile.
 */
export function failureRule<E extends Error & { readonly code: string }>(
  errorClass: CodedErrorClass<E>,
  situations: Readonly<Record<E["code"], Situation>>,
): FailureRule {
  return (error) => {
    if (!(error instanceof errorClass)) return null;
    const code: E["code"] = error.code;
    const situation: Situation | undefined = situations[code];
    return { code, message: error.message, ...(situation ?? unexpected) };
  };
}

const unexpected: Situation = {
  exit: "failed",
  next: "Report the message and the log; the program does not expect this.",
};

/** What the operating system refuses at a start, where it has a better answer than a report. */
const systemSituations: Readonly<Record<string, Situation>> = {
  EADDRINUSE: {
    exit: "failed",
    next: "Stop the other program that listens there, or choose another port in listen.port.",
  },
  EADDRNOTAVAIL: { exit: "usage", next: "Choose an address of this machine in listen.host." },
  EACCES: { exit: "failed", next: "Give this user the right to it, or choose another path or a port above 1023." },
  ENOSPC: { exit: "store", next: "Free some space on the disk and start again." },
  EROFS: { exit: "store", next: "Choose a path on a disk that can be written." },
};

/**
 * The failure that any error stands for: it speaks for itself (ProgramError), a rule knows it, the
 * operating system or the command line said it, or it is unexpected. Never throws.
 */
export function failureOf(error: unknown, rules: readonly FailureRule[] = []): Failure {
  if (error instanceof ProgramError) return ofProgramError(error);
  for (const rule of rules) {
    const failure = rule(error);
    if (failure !== null) return failure;
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (code === null) return { code: "FAULT", message, ...unexpected };
  const usage = usageFailure(code, message);
  if (usage !== null) return usage;
  return { code, message, ...(systemSituations[code] ?? unexpected) };
}

/** The exit of an error, for programs that report it in their own way. */
export function exitOf(error: unknown, rules: readonly FailureRule[] = []): ExitKind {
  return failureOf(error, rules).exit;
}

function ofProgramError(error: ProgramError): Failure {
  const { code, message, next, exit } = error;
  const { faults } = error as { readonly faults?: readonly Fault[] };
  return { code, message, next, exit, ...(faults === undefined ? {} : { faults }) };
}

/** What the parsers of the command line say (commander, node:util), as one sentence. */
function usageFailure(code: string, message: string): Failure | null {
  if (!code.startsWith("commander.") && !code.startsWith("ERR_PARSE_ARGS")) return null;
  const [first = "", ...rest] = message.replace(/^error: /, "").replace(/\s+/g, " ");
  return {
    code: "USAGE",
    message: `The command line is wrong. ${first.toUpperCase()}${rest.join("")}`,
    exit: "usage",
    next: "See --help.",
  };
}

function codeOf(error: unknown): string | null {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return error instanceof Error && typeof code === "string" ? code : null;
}
