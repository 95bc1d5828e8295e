import type { PaymentRecords } from "./payment-records.ts";

/** What a cashier may do with a payment, or with the sale that it is of. */
export type PaymentAction = "reverse" | "refund";

/** Units that are left to give back, refunds under way counted. */
export function leftToGiveBack({ outcome, amount, voucher, refunds }: PaymentRecords): bigint {
  if (outcome !== "accepted" || voucher === null || voucher.reversed) return 0n;
  const given = refunds.filter(({ state }) => state !== "refused").reduce((sum, refund) => sum + refund.amount, 0n);
  return amount > given ? amount - given : 0n;
}

/**
 * It is reversed where nobody knows whether it is paid, where nobody but the terminal has it, or where it is
 * on its way and this terminal cannot refund; else it is refunded, where something of it is left. Never both.
 */
export function mayBeDone(payment: PaymentRecords, givesBack: boolean): PaymentAction[] {
  if (isReversible(payment, givesBack)) return ["reverse"];
  return givesBack && leftToGiveBack(payment) > 0n ? ["refund"] : [];
}

function isReversible({ outcome, voucher, refunds }: PaymentRecords, givesBack: boolean): boolean {
  if (refunds.length > 0) return false;
  if (outcome === "unresolved") return true;
  if (outcome !== "accepted" || voucher === null || voucher.reversed) return false;
  const { delivery, reported, tx, claimTx } = voucher;
  if (delivery === "final" || reported === "final") return false;
  return !givesBack || (delivery === "unsent" && tx === null && claimTx === null);
}
