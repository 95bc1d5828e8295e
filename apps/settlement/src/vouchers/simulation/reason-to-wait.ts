import type { SkipReason, VaultState } from "@tallystick/vault";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** A verified voucher, as far as the vault's state decides about it. */
export interface WaitingVoucher {
  readonly card: Uint8Array;
  readonly counter: bigint;
  readonly amount_units: bigint;
}

/**
 * Why a batch would leave a voucher out that intake has verified, or null where it takes it: the
 * reasons of `simulateSettle` (spec §7.3) without those that verification excludes. Unpaid counters
 * before it are no reason where an `advance` may write them.
 */
export function reasonToWait(state: VaultState, { card, counter, amount_units }: WaitingVoucher): SkipReason | null {
  const account = state.card(card);
  const place = Number(counter);
  if (account?.counters.isUsed(place) === true) return "COUNTER_USED";
  if (account === undefined || account.balance < amount_units) return "BALANCE_TOO_LOW";
  if (account.paid + amount_units >= 1n << 48n) return "PAID_OVERFLOW";
  return account.counters.gapWords(place, LIMITS.advanceWords) > LIMITS.advanceWords ? "ADVANCE_NEEDED" : null;
}
