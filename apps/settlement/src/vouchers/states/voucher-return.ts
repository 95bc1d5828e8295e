import type { Asset } from "@tallystick/money";
import { formatTotal } from "@tallystick/money";

/** What its payee still has to do about a cancelled voucher: give its counter up, or its amount back. */
export type Owed = "release" | "refund";

/** What the books know of a voucher that may have to be given back; units. */
export interface GiveBackFacts {
  readonly state: string;
  readonly cancelled: boolean;
  readonly amount: bigint;
  readonly refunded: bigint;
}

/**
 * A cancelled voucher is released while nobody has paid it, and refunded once it is paid; while it is in a batch nobody can say which
 * (spec §6.2). Null where nothing is owed.
 */
export function owedFor({ state, cancelled, amount, refunded }: GiveBackFacts): Owed | null {
  if (!cancelled) return null;
  if (state === "cancelled") return "release";
  return (state === "final" || state === "compensated") && refunded < amount ? "refund" : null;
}

/** The same as texts, for answers and the operators' page. */
export function describeGiveBack(facts: GiveBackFacts, asset: Asset) {
  const { amount, cancelled, refunded } = facts;
  return {
    amount: formatTotal(amount, asset),
    cancelled,
    owes: owedFor(facts),
    refunded: formatTotal(refunded, asset),
  };
}
