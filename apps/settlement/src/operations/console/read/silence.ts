import { mayHold, missingText, type MissingRun } from "../../silence/missing-payments.ts";
import { spanText } from "../view/ages.ts";

/** A silent terminal. */
export interface Listened {
  /** What people call it, or its id. */
  readonly name: string;
  /** Milliseconds: when its last upload arrived. */
  readonly heardAt: number;
}

/**
 * One sentence about a silent terminal. Cards prove what is missing and not where it was made, so
 * that it is said of several silent terminals only that one of them may have it.
 */
export function silenceText(
  { name, heardAt }: Listened,
  {
    runs,
    now,
    others,
    amountText,
  }: {
    readonly runs: readonly MissingRun[] | null;
    readonly now: number;
    /** Whether other terminals are silent as well, of whatever merchant. */
    readonly others: boolean;
    readonly amountText: (units: bigint) => string;
  },
): string {
  const silent = `${name}: silent ${spanText(now - heardAt)}`;
  if (runs === null) return `${silent}.`;
  const missing = mayHold(heardAt, runs);
  if (missing.count === 0) return `${silent}; no card proves a payment that nobody uploaded.`;
  const whose = others ? ", here or at another silent terminal" : "";
  return `${silent}; cards prove ${missingText(missing, amountText)} that nobody uploaded${whose}.`;
}
