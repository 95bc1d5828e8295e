import { EXIT, type ExitCode, type ExitKind } from "../lines/exits.ts";
import { failureOf, type FailureRule } from "../lines/failure.ts";
import { systemTimer, type Timer } from "../loops/timer.ts";
import { within } from "../loops/within.ts";

/** One thing that a configuration says and that can be looked at without changing anything. */
export interface Check {
  /** A few words, such as `chain id`; checks name each other by it. */
  readonly name: string;
  /** Checks without which this one says nothing: it is left out where one of them has a fault. */
  readonly needs?: readonly string[];
  /** Answers what is there, as a short text; throws what is wrong. */
  readonly run: () => Promise<string> | string;
}

/** How one check went. */
export type CheckResult =
  | { readonly check: string; readonly result: "ok"; readonly message: string }
  | { readonly check: string; readonly result: "left-out"; readonly message: string }
  | {
      readonly check: string;
      readonly result: "fault";
      readonly code: string;
      readonly message: string;
      readonly next: string;
      readonly exit: ExitKind;
    };

export interface RunChecksOptions {
  /** Milliseconds that one check may last. */
  readonly limitMs: number;
  readonly rules?: readonly FailureRule[];
  readonly timer?: Timer;
  /** Told each result as it comes. */
  readonly report: (result: CheckResult) => void;
}

/**
 * Runs every check in order, also behind one that has a fault; answers how the program exits: as the
 * first fault says, or 0.
 */
export async function runChecks(checks: readonly Check[], options: RunChecksOptions): Promise<ExitCode> {
  const missing = new Set<string>();
  let first: ExitKind = "done";
  for (const check of checks) {
    const lacks = (check.needs ?? []).find((name) => missing.has(name));
    const result: CheckResult =
      lacks === undefined
        ? await resultOf(check, options)
        : { check: check.name, result: "left-out", message: `It needs what ${lacks} says.` };
    if (result.result !== "ok") missing.add(check.name);
    if (result.result === "fault" && first === "done") first = result.exit;
    options.report(result);
  }
  return EXIT[first];
}

async function resultOf({ name, run }: Check, options: RunChecksOptions): Promise<CheckResult> {
  const { limitMs, rules = [], timer = systemTimer } = options;
  try {
    const answered = await within(limitMs, Promise.resolve().then(run), timer);
    if (answered !== null) return { check: name, result: "ok", message: answered.value };
    const message = `It does not answer within ${limitMs / 1_000} seconds.`;
    const next = "See whether it runs, and whether its address is right.";
    return { check: name, result: "fault", code: "CHECK_HANGS", message, next, exit: "network" };
  } catch (error) {
    const { code, message, next, exit } = failureOf(error, rules);
    return { check: name, result: "fault", code, message, next, exit };
  }
}

/** A result as a line: JSON for programs, a sentence for people. */
export function checkLine(app: string, result: CheckResult, json: boolean): string {
  if (json) return JSON.stringify({ schema: "tallystick.check/1", app, ...result });
  const { check, message } = result;
  switch (result.result) {
    case "ok":
      return `ok        ${check}: ${message}`;
    case "left-out":
      return `left out  ${check}: ${message}`;
    case "fault":
      return `fault     ${check}: ${result.code}: ${message}\n          What to do: ${result.next}`;
  }
}
