import {
  BASE_FEE_FACTOR,
  DEFAULT_MAX_FEE_GWEI,
  DEFAULT_REPLACE_AFTER_SECONDS,
  FEE_CEILING_FACTOR,
  MAX_TRANSACTION_GAS,
} from "./limits.ts";

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

/** How far an account goes to have a transaction mined. */
export interface FeePolicy {
  /**
   * A transaction that is in no block after this time is replaced by one that offers more,
   * milliseconds.
   */
  readonly replaceAfterMs: number;
  /** Wei a gas; never is more offered. */
  readonly maxFee: bigint;
}

const weiAGwei = 10n ** 9n;

/** The settings of a fee policy, by the names that every configuration gives them. */
export interface FeeSettings {
  readonly replaceAfterSeconds?: number;
  readonly maxFeeGwei?: number;
}

/** The policy of a configuration or a command; what is left out is the default of limits.ts. */
export function feePolicy(given: FeeSettings = {}): FeePolicy {
  const { replaceAfterSeconds = DEFAULT_REPLACE_AFTER_SECONDS, maxFeeGwei = DEFAULT_MAX_FEE_GWEI } = given;
  return { replaceAfterMs: replaceAfterSeconds * 1_000, maxFee: BigInt(maxFeeGwei) * weiAGwei };
}

/**
 * The first offer: twice the base fee, so that six full blocks in a row do not price it out, and
 * the node's tip. null where the policy does not even allow what the next block asks.
 */
export function firstFees({ baseFee, tip }: MarketFees, policy: Pick<FeePolicy, "maxFee">): Fees | null {
  const priorityFee = higher(tip, 1n);
  if (baseFee + priorityFee > policy.maxFee) return null;
  return { maxFee: lower(baseFee * BASE_FEE_FACTOR + priorityFee, policy.maxFee), priorityFee };
}

/**
 * The next offer for the same nonce: what the network asks now, and at least an eighth above the
 * last one in both fields, because nodes take a replacement from there on. null where that would be
 * above the policy, or above what the first offer may grow to: then the transaction waits.
 */
export function raisedFees(
  offers: { readonly first: Fees; readonly last: Fees },
  { baseFee, tip }: MarketFees,
  policy: Pick<FeePolicy, "maxFee">,
): Fees | null {
  const ceiling = lower(offers.first.maxFee * FEE_CEILING_FACTOR, policy.maxFee);
  const least = { maxFee: anEighthMore(offers.last.maxFee), priorityFee: anEighthMore(offers.last.priorityFee) };
  if (least.maxFee > ceiling) return null;
  const maxFee = lower(higher(least.maxFee, baseFee * BASE_FEE_FACTOR + tip), ceiling);
  return { maxFee, priorityFee: lower(higher(least.priorityFee, tip), maxFee) };
}

/**
 * Gas to buy: the simulation plus an eighth and 10,000 for what other transactions change
 * meanwhile, or more by `marginPercent`, and never more than a transaction or a block may use; null
 * where the eighth would be above what a transaction may use, or the simulation above a block.
 */
export function gasToBuy(
  simulated: bigint,
  bounds: { readonly marginPercent?: bigint | undefined; readonly blockGas?: bigint | undefined } = {},
): bigint | null {
  const { marginPercent = 0n, blockGas = MAX_TRANSACTION_GAS } = bounds;
  const least = simulated + simulated / 8n + 10_000n;
  if (least > MAX_TRANSACTION_GAS || simulated > blockGas) return null;
  return lower(higher(least, simulated + (simulated * marginPercent) / 100n), lower(MAX_TRANSACTION_GAS, blockGas));
}

/** An eighth, rounded up, and one wei more: nodes compare the rounded values differently. */
function anEighthMore(value: bigint): bigint {
  return value + (value + 7n) / 8n + 1n;
}

function lower(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function higher(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
