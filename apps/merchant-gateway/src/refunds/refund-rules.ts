import type { RefundRecord } from "../journal/payments/refund-store.ts";
import { RefundError } from "./refund-error.ts";

/**
 * What may be given back of one payment, in units: all that is left where nobody names an amount.
 * Every refund that somebody asks for passes here, by request or by command. Throws
 * REFUND_ABOVE_PAYMENT.
 */
export function amountOfRefund({
  paid,
  given,
  asked,
}: {
  readonly paid: bigint;
  /** What earlier refunds of the payment give back; refused ones do not count. */
  readonly given: bigint;
  readonly asked: bigint | null;
}): bigint {
  const left = paid - given;
  const amount = asked ?? left;
  if (amount <= left && amount > 0n) return amount;
  throw new RefundError(
    "REFUND_ABOVE_PAYMENT",
    "More would be given back than was paid, earlier refunds counted. Check the payment's refunds.",
  );
}

/** The same id is the same refund, so it has the same amount. Throws REFUND_DIFFERS. */
export function assertSameRefund(known: Pick<RefundRecord, "amount">, asked: bigint | null): void {
  if (asked === null || asked === known.amount) return;
  throw new RefundError(
    "REFUND_DIFFERS",
    "A refund of this id is known with another amount; give the new one an id of its own.",
  );
}
