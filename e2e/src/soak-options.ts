import { parseArgs } from "node:util";
import { MAX_FAULTS } from "./faults/fault-day.ts";
import { MAX_KILLS } from "./kill-day.ts";

export const SOAK_KINDS = [
  "kills",
  "faults",
  "card",
  "fuzz",
  "contracts",
  "readers",
  "history",
  "order",
  "page",
  "doors",
  "sandbox",
  "console",
  "watch",
  "upgrade",
] as const;

/**
 * One long run: the day of kills, the days of faults, the differential test of the cards, the fuzz of
 * the applet, the contracts' tests, the readers' bindings, an upload beside a million stored vouchers, an order of 500 cards,
 * a thousand sales on the terminal's page in a browser, a browser in front of a box with its own certificate, everything
 * that can be tried in the sandbox, every page of settlement's console in a browser beside 100,000 vouchers,
 * the alarms' rules by promtool, two versions of settlement on one database.
 */
export type SoakKind = (typeof SOAK_KINDS)[number];

export interface SoakOptions {
  readonly kinds: readonly SoakKind[];
  readonly seed: number;
  /** Steps of the differential test, commands of the fuzz. */
  readonly steps: number;
  readonly kills: number;
  readonly faults: number;
  /** Stored vouchers beside which the console is looked at. */
  readonly vouchers: number;
  /** The version that runs beside the present one; null for the one before the newest change of the database. */
  readonly previous: string | null;
}

export const SOAK_USAGE = `usage: soak [${SOAK_KINDS.join("|")}|all] [--seed N] [--steps N] [--kills N] [--faults N] [--vouchers N] [--previous COMMIT]`;

/** A command line that cannot be meant; its message says what was given and what would do. */
export class SoakUsageError extends Error {
  override readonly name = "SoakUsageError";
}

/** xorshift and Java's Random take more, but a seed that every part understands is a positive 32-bit number. */
const MAX_SEED = 2 ** 31 - 1;
const DEFAULT_STEPS = 1_000_000;
/** A week on one core; anything more is a slip of the hand. */
const MAX_STEPS = 1_000_000_000;
const DEFAULT_KILLS = 50;
const DEFAULT_FAULTS = 1_000;
const DEFAULT_VOUCHERS = 100_000;
/** What a machine stores in an hour; ten times as many tell nothing new. */
const MAX_VOUCHERS = 10_000_000;

/** Which kinds an option means something for. */
const MEANT_FOR = {
  steps: ["card", "fuzz"],
  kills: ["kills", "order"],
  faults: ["faults"],
  vouchers: ["console"],
  previous: ["upgrade"],
} as const;

/**
 * Reads the command line; `draw` gives a seed where none was asked for. Without a kind it is the day of kills.
 *
 * @throws SoakUsageError
 */
export function parseSoakOptions(args: readonly string[], draw: () => number): SoakOptions {
  const { values, positionals } = read(args);
  const [named = "kills", ...more] = positionals;
  if (more.length > 0) throw usage(`one kind at a time, or all; got ${positionals.join(" ")}`);
  const kinds = kindsOf(named);
  for (const [option, meant] of Object.entries(MEANT_FOR)) {
    const given = values[option as keyof typeof MEANT_FOR] !== undefined;
    if (given && !kinds.some((kind) => (meant as readonly string[]).includes(kind)))
      throw usage(`--${option} means nothing for ${named}; it is for ${meant.join(" and ")}`);
  }
  return {
    kinds,
    seed: values.seed === undefined ? draw() : whole("seed", values.seed, MAX_SEED),
    steps: values.steps === undefined ? DEFAULT_STEPS : whole("steps", values.steps, MAX_STEPS),
    kills: values.kills === undefined ? DEFAULT_KILLS : whole("kills", values.kills, MAX_KILLS),
    faults: values.faults === undefined ? DEFAULT_FAULTS : whole("faults", values.faults, MAX_FAULTS),
    vouchers: values.vouchers === undefined ? DEFAULT_VOUCHERS : whole("vouchers", values.vouchers, MAX_VOUCHERS),
    previous: values.previous === undefined ? null : commit(values.previous),
  };
}

function read(args: readonly string[]) {
  const value = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { seed: value, steps: value, kills: value, faults: value, vouchers: value, previous: value },
      allowPositionals: true,
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function kindsOf(named: string): readonly SoakKind[] {
  if (named === "all") return SOAK_KINDS;
  const kind = SOAK_KINDS.find((known) => known === named);
  if (kind === undefined) throw usage(`there is no soak ${named}`);
  return [kind];
}

/** A commit's name as git takes one, and no option of git's. */
function commit(text: string): string {
  if (/^[A-Za-z0-9][\w./~^-]{0,254}$/.test(text)) return text;
  throw usage(`--previous names a commit, tag or branch, not ${text}`);
}

function whole(option: string, text: string, max: number): number {
  const number = Number(text);
  if (!/^[0-9]{1,10}$/.test(text) || number < 1 || number > max)
    throw usage(`--${option} is a whole number from 1 to ${max}, not ${text}`);
  return number;
}

function usage(fault: string): SoakUsageError {
  return new SoakUsageError(`${fault}\n${SOAK_USAGE}`);
}
