import { MAX_REPORTED_FAULTS } from "../limits.ts";
import { faultLine } from "../lines/program-lines.ts";
import { type Fault, ProgramError } from "../lines/program-error.ts";

/** One thing that is wrong with a configuration: where, and what. */
export type ConfigFault = Fault;

/**
 * Thrown at start with every fault of the configuration at once; nothing runs on half a
 * configuration.
 */
export class ConfigError extends ProgramError {
  override readonly name = "ConfigError";
  override readonly code = "CONFIG";
  readonly faults: readonly ConfigFault[];

  /** `source` names what is faulty in the message: a file, or the command line. */
  constructor(faults: readonly ConfigFault[], source = "The configuration") {
    super("CONFIG", messageOf(faults, source), {
      exit: "usage",
      next: "Correct what is named and start again.",
    });
    this.faults = faults;
  }
}

/** A fault without a place in a text, such as one of the command line. */
export function faultAt(path: string, message: string): ConfigFault {
  return { path, line: null, column: null, message };
}

function messageOf(faults: readonly ConfigFault[], source: string): string {
  const [only] = faults;
  if (faults.length === 1 && only !== undefined) return `${source}: ${faultLine(only)}`;
  const shown = faults.slice(0, MAX_REPORTED_FAULTS).map((fault) => `\n- ${faultLine(fault)}`);
  const rest = faults.length - shown.length;
  return `${source} has ${faults.length} faults.${shown.join("")}${rest > 0 ? `\n- and ${rest} more` : ""}`;
}
