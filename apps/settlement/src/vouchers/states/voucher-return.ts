import type { Asset } from "@tallystick/money";
import { formatTotal } from "@tallystick/money";

/**
 * What the payee of a reversed voucher still has to do: release its counter, or refund its amount.
 */
export type OwedReturn = "release" | "refund";

/** What decides whether a voucher has to be returned; amounts in units. */
export interface ReversibleVoucher {
  readonly state: string;
  readonly reversed: boolean;
  readonly amount: bigint;
  readonly refunded: bigint;
}

/**
 * A reversed voucher is released while nobody has paid it, and refunded once it is paid; while it
 * is in a batch, the batch decides (spec §6.2). Null where nothing is owed.
 */
export function owedReturn({ state, reversed, amount, refunded }: ReversibleVoucher): OwedReturn | null {
  if (!reversed) return null;
  if (state === "cancelled") return "release";
  return (state === "final" || state === "compensated") && refunded < amount ? "refund" : null;
}

/** The same as texts, for answers and the operators' page. */
export function describeReturn(voucher: ReversibleVoucher, asset: Asset) {
  const { amount, reversed, refunded } = voucher;
  return {
    amount: formatTotal(amount, asset),
    reversed,
    owes: owedReturn(voucher),
    refunded: formatTotal(refunded, asset),
  };
}
