import { LIMITS } from "../foundation/limits/limits.ts";

export interface Fees {
  /** wei per gas, at most. */
  readonly maxFee: bigint;
  readonly priorityFee: bigint;
}

/** First offer: twice the base fee, so that six full blocks in a row do not price it out, and the node's tip. */
export function initialFees({ baseFee, tip }: { baseFee: bigint; tip: bigint }): Fees {
  const priorityFee = tip < 1n ? 1n : tip;
  return { maxFee: baseFee * 2n + priorityFee, priorityFee };
}

/**
 * The next offer for the same nonce. Nodes accept a replacement only when both fields grow by an eighth; the extra wei
 * covers the rounding. Returns null above the ceiling: then the action waits and the operators are told.
 */
export function bumpedFees(last: Fees, first: Fees, market: Fees): Fees | null {
  const raise = (value: bigint) => value + (value + 7n) / 8n + 1n;
  const larger = (left: bigint, right: bigint) => (left > right ? left : right);
  const next = {
    maxFee: larger(raise(last.maxFee), market.maxFee),
    priorityFee: larger(raise(last.priorityFee), market.priorityFee),
  };
  if (next.maxFee > first.maxFee * LIMITS.feeCeilingFactor) return null;
  return next.priorityFee > next.maxFee ? { ...next, priorityFee: next.maxFee } : next;
}

/** Gas to buy: the simulation plus an eighth for what other transactions change meanwhile; null above one transaction's limit. */
export function gasToBuy(simulated: bigint): bigint | null {
  const gas = simulated + simulated / 8n + 10_000n;
  return gas > LIMITS.transactionGas ? null : gas;
}
