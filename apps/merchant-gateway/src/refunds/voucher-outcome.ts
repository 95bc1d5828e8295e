import type { VaultReader } from "@tallystick/evm";
import { decodeVoucherBundle, equalBytes, fromHex } from "@tallystick/protocol";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { cardAddress } from "../keys/card-address.ts";

/**
 * What the chain did with a voucher: `paid` it, `released` its counter, has not used it, or used its counter for something
 * that this terminal does not know.
 */
export type VoucherOutcome = "unused" | "paid" | "released" | "unclear";

/** States of settlement in which the payee has its money; the second is paid by the issuer's own transfer (spec §6.1). */
const paidStates: ReadonlySet<string> = new Set(["final", "compensated", "refunded"]);

/** What the journal alone knows: what settlement said last of a voucher that is at its end. */
export function isKnownPaid(voucher: Pick<VoucherRecord, "delivery" | "settlementState">): boolean {
  return voucher.delivery === "final" && paidStates.has(voucher.settlementState ?? "");
}

/**
 * Asks the chain what became of a voucher. A used counter counts as this voucher's payment only where the transaction that is said
 * to have paid it shows it: after a fork the counter may have paid another one.
 */
export async function outcomeOf(
  views: Pick<VaultReader, "isUsed" | "settledBy">,
  voucher: VoucherRecord,
): Promise<VoucherOutcome> {
  if (voucher.settlementState === "compensated") return "paid";
  const { message } = decodeVoucherBundle(voucher.entry);
  const card = cardAddress(voucher.cardKey);
  if (!(await views.isUsed(card, voucher.counter, "latest"))) return "unused";
  if (voucher.settlementState === "released") return "released";
  if (voucher.tx === null) return isKnownPaid(voucher) ? "paid" : "unclear";
  const { payee, counter, amount, context } = message;
  const isPaid = (await views.settledBy(fromHex(voucher.tx))).some(
    ({ item, paid }) =>
      paid &&
      item.counter === counter &&
      item.amount === amount &&
      equalBytes(item.payee, payee) &&
      equalBytes(item.card, card) &&
      equalBytes(item.context, context),
  );
  return isPaid ? "paid" : "unclear";
}
