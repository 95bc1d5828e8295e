import { type AllowanceBody, categoryAllowed } from "../objects/allowance.ts";
import { type CapCode, capCodes } from "./voucher-verdict.ts";
import { NO_COUNT_LIMIT } from "../bytes/limits.ts";
import type { Cvm } from "../objects/voucher/voucher-context.ts";

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
 * Every cap of the allowance that a payment exceeds, in the order of spec §5.4, 10. An honest card
 * refuses such a payment itself, so a voucher that exceeds one names a broken or lying card. Bounds
 * are inclusive.
 */
export function excessesOf(
  body: AllowanceBody,
  payment: CappedPayment,
  noPin: NoPinUse | null = null,
): readonly CapCode[] {
  const exceeds: Readonly<Record<CapCode, boolean>> = {
    OVER_VALIDITY: payment.time < body.notBefore || payment.time > body.notAfter,
    OVER_CATEGORY: !categoryAllowed(body, payment.category),
    OVER_PER_TAP: payment.amount > body.perTap,
    OVER_NO_PIN: payment.cvm === 0 && needsPin(body, payment.amount, noPin),
    OVER_COUNTER: payment.counter > body.maxCounter,
    OVER_MAX_SPENT: payment.spent > body.maxSpent,
  };
  return capCodes.filter((code) => exceeds[code]);
}

/** The first cap of the allowance that a payment exceeds, or null. */
export function excessOf(body: AllowanceBody, payment: CappedPayment, noPin: NoPinUse | null = null): CapCode | null {
  return excessesOf(body, payment, noPin)[0] ?? null;
}

/**
 * Whether the PIN rule asks for a PIN (spec §4.5): by the amount alone, or by what was paid without
 * PIN before.
 */
export function needsPin(body: AllowanceBody, amount: bigint, noPin: NoPinUse | null): boolean {
  const before = noPin ?? { noPinUsed: 0n, noPinTaps: 0 };
  const counted = body.noPinCount !== NO_COUNT_LIMIT && before.noPinTaps + 1 > body.noPinCount;
  return amount > body.pinAbove || before.noPinUsed + amount > body.noPinSum || counted;
}
