import { equalBytes, isZero } from "../bytes/bytes.ts";
import type { ReasonCode } from "./reasons.ts";

/** One verified payment of a card, as far as other payments of that card must agree with it. */
export interface CardObservation {
  readonly counter: number;
  readonly amount: bigint;
  /** Units spent in all, this payment included. */
  readonly spent: bigint;
  readonly allowanceSeq: number;
  /** SHA-256(M of counter − 1), 32 bytes. */
  readonly link: Uint8Array;
  /** SHA-256(M), 32 bytes. */
  readonly messageHash: Uint8Array;
}

/**
 * The first contradiction of a payment with itself: the first payment links to zeros and has spent
 * what it pays; a later one has spent at least 1 unit for each payment before it (spec §3.2).
 */
export function selfFault(payment: CardObservation): ReasonCode | null {
  const before = BigInt(payment.counter - 1);
  if (payment.counter === 1 && payment.spent !== payment.amount) return "SPENT_MISMATCH";
  if (payment.spent < payment.amount + before) return "SPENT_MISMATCH";
  if (payment.counter === 1 && !isZero(payment.link)) return "LINK_MISMATCH";
  return null;
}

/**
 * The first contradiction of two payments of one card, in any order, or null (spec §5.4, 9; §7.6):
 * equal counters with different messages, a link that does not meet its neighbour, a total that
 * does not grow by what lies between, an allowance that became older.
 */
export function pairFault(left: CardObservation, right: CardObservation): ReasonCode | null {
  if (left.counter === right.counter)
    return equalBytes(left.messageHash, right.messageHash) ? null : "COUNTER_USED_TWICE";
  const [older, newer] = left.counter < right.counter ? [left, right] : [right, left];
  const between = BigInt(newer.counter - older.counter - 1);
  const least = older.spent + newer.amount + between;
  if (between === 0n && !equalBytes(newer.link, older.messageHash)) return "SIGHTING_MISMATCH";
  if (between === 0n ? newer.spent !== least : newer.spent < least) return "SIGHTING_MISMATCH";
  if (newer.allowanceSeq < older.allowanceSeq) return "SIGHTING_MISMATCH";
  return null;
}
