import { DAY_MS } from "../../../foundation/limits/limits.ts";
import { PUT_AWAY_DAYS, SILENT_MS } from "../limits.ts";
import { spanText } from "../view/ages.ts";
import type { MissingRun } from "./missing-payments.ts";

/** A terminal as far as its silence goes. Times in milliseconds. */
export interface Listened {
  /** What people call it, or its id. */
  readonly name: string;
  /** When its last upload arrived; null of one that never brought any. */
  readonly heardAt: number | null;
  /** Its newest certificate is valid, and not withdrawn. */
  readonly certified: boolean;
}

/** Whether a terminal that sells should have been heard of. */
export function isSilent({ heardAt, certified }: Listened, now: number): boolean {
  if (!certified || heardAt === null) return false;
  const forMs = now - heardAt;
  return forMs >= SILENT_MS && forMs < PUT_AWAY_DAYS * DAY_MS;
}

/** Missing payments that may have been made at a terminal since it was heard: the card paid once more after that. */
export function mayHold({ heardAt }: Listened, runs: readonly MissingRun[]): { count: number; units: bigint } {
  const own = heardAt === null ? [] : runs.filter(({ before }) => before >= heardAt);
  return {
    count: own.reduce((sum, { count }) => sum + count, 0),
    units: own.reduce((sum, { units }) => sum + units, 0n),
  };
}

/**
 * One sentence about a silent terminal. Cards prove what is missing and not where it was made, so
 * that it is said of several silent terminals only that one of them may have it.
 */
export function silenceText(
  terminal: Listened,
  {
    runs,
    now,
    others,
    amountText,
  }: {
    readonly runs: readonly MissingRun[] | null;
    readonly now: number;
    /** Whether other terminals are silent as well. */
    readonly others: boolean;
    readonly amountText: (units: bigint) => string;
  },
): string {
  const { name, heardAt } = terminal;
  const silent = `${name}: silent ${spanText(now - (heardAt ?? now))}`;
  if (runs === null) return `${silent}.`;
  const { count, units } = mayHold(terminal, runs);
  if (count === 0) return `${silent}; no card proves a payment that nobody uploaded.`;
  const whose = others ? ", here or at another silent terminal" : "";
  const payments = count === 1 ? "1 payment" : `${count} payments`;
  return `${silent}; cards prove ${payments} worth ${amountText(units)} that nobody uploaded${whose}.`;
}
