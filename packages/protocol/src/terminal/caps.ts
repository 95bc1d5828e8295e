import { type AllowanceBody, categoryAllowed } from "../objects/allowance.ts";
import type { ReasonCode } from "./reasons.ts";
import type { Cvm } from "../objects/voucher-context.ts";

/** A payment as the allowance's caps see it (spec §4.5, step 4). */
export interface CappedPayment {
  readonly counter: number;
  readonly amount: bigint;
  /** Units spent in all, this payment included. */
  readonly spent: bigint;
  readonly time: number;
  readonly category: number;
  readonly cvm: Cvm;
}

/** What a card had paid without PIN before this payment; null where it is not known. */
export interface NoPinUse {
  readonly noPinUsed: bigint;
  readonly noPinTaps: number;
}

/**
 * The first cap of the allowance that a payment exceeds, or null. An honest card refuses such a
 * payment itself, so a voucher that exceeds one names a broken or lying card (spec §5.4, 10).
 * Bounds are inclusive.
 */
export function excessOf(
  body: AllowanceBody,
  payment: CappedPayment,
  noPin: NoPinUse | null = null,
): ReasonCode | null {
  if (payment.time < body.notBefore || payment.time > body.notAfter) return "OVER_VALIDITY";
  if (!categoryAllowed(body, payment.category)) return "OVER_CATEGORY";
  if (payment.amount > body.perTap) return "OVER_PER_TAP";
  if (payment.cvm === 0 && needsPin(body, payment.amount, noPin)) return "OVER_NO_PIN";
  if (payment.counter > body.maxCounter) return "OVER_COUNTER";
  if (payment.spent > body.maxSpent) return "OVER_MAX_SPENT";
  return null;
}

/**
 * Whether the PIN rule asks for a PIN (spec §4.5): by the amount alone, or by what was paid without
 * PIN before.
 */
export function needsPin(body: AllowanceBody, amount: bigint, noPin: NoPinUse | null): boolean {
  const before = noPin ?? { noPinUsed: 0n, noPinTaps: 0 };
  return amount > body.pinAbove || before.noPinUsed + amount > body.noPinSum || before.noPinTaps + 1 > body.noPinCount;
}
