import type { CardSlot } from "@tallystick/vault";

/** Seconds after it became ripe until a withdrawal expires: a constant of the vault (spec §7.5). */
export const WITHDRAWAL_OPEN_SECONDS = 604_800n;

/** The card's slots at the finalized and at the latest block, and the finalized block's time. */
export interface FundingView {
  readonly finalized: CardSlot;
  readonly latest: CardSlot;
  /** Seconds. */
  readonly finalizedTime: bigint;
}

/**
 * What `maxSpent` may be at most (spec §6.3): balance + paid − pending withdrawal, the lower of its
 * values at the finalized and at the latest block. The caller adds what released and voided
 * counters give back. A pending withdrawal ends only when a finalized block is past its expiry,
 * whatever the newest block shows.
 */
export function fundingBound(view: FundingView): bigint {
  const pending = larger(livePending(view.finalized, view.finalizedTime), livePending(view.latest, view.finalizedTime));
  const bound = smaller(boundOf(view.finalized, pending), boundOf(view.latest, pending));
  return bound < 0n ? 0n : bound;
}

/** The highest `maxCounter`: not further than the vault's window of gaps can follow. */
export function counterBound(highestOnChain: bigint, lead: number): bigint {
  const bound = highestOnChain + BigInt(lead);
  return bound > 0xffff_ffffn ? 0xffff_ffffn : bound;
}

function livePending(slot: CardSlot, finalizedTime: bigint): bigint {
  if (slot.pending === 0n) return 0n;
  return finalizedTime > slot.readyAt + WITHDRAWAL_OPEN_SECONDS ? 0n : slot.pending;
}

function boundOf(slot: CardSlot, pending: bigint): bigint {
  return slot.balance + slot.paid - pending;
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
