import type { FeePolicy } from "../../config/fee-policy.ts";
import { FEE_CEILING_FACTOR } from "../../limits.ts";

/** What a transaction offers, in wei a gas (EIP-1559). */
export interface Fees {
  /** At most, base fee and tip together. */
  readonly maxFee: bigint;
  readonly priorityFee: bigint;
}

/** What the network asks now, in wei a gas. */
export interface MarketFees {
  readonly baseFee: bigint;
  readonly tip: bigint;
}

/**
 * The first offer: twice the base fee, so that six full blocks in a row do not price it out, and the node's tip. Null where the policy
 * does not even allow what the next block asks.
 */
export function firstFees({ baseFee, tip }: MarketFees, policy: Pick<FeePolicy, "maxFee">): Fees | null {
  const priorityFee = tip < 1n ? 1n : tip;
  if (baseFee + priorityFee > policy.maxFee) return null;
  return { maxFee: lower(baseFee * 2n + priorityFee, policy.maxFee), priorityFee };
}

/**
 * The next offer for the same nonce: what the network asks now, and at least an eighth above the last one in both fields, because nodes
 * take a replacement from there on. Null where that would be above the policy, or above what the first offer may grow to.
 */
export function raisedFees(
  offers: { readonly first: Fees; readonly last: Fees },
  { baseFee, tip }: MarketFees,
  policy: Pick<FeePolicy, "maxFee">,
): Fees | null {
  const ceiling = lower(offers.first.maxFee * FEE_CEILING_FACTOR, policy.maxFee);
  const least = { maxFee: anEighthMore(offers.last.maxFee), priorityFee: anEighthMore(offers.last.priorityFee) };
  if (least.maxFee > ceiling) return null;
  const maxFee = lower(higher(least.maxFee, baseFee * 2n + tip), ceiling);
  return { maxFee, priorityFee: lower(higher(least.priorityFee, tip), maxFee) };
}

/** Rounded up, and never the same. */
function anEighthMore(value: bigint): bigint {
  return value + value / 8n + 1n;
}

function lower(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function higher(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
