import { DEFAULT_MAX_FEE_GWEI, DEFAULT_REPLACE_AFTER_SECONDS } from "../limits.ts";

/** How far a terminal goes to have a transaction mined. */
export interface FeePolicy {
  /** A transaction that is in no block after this time is replaced by one that offers more. */
  readonly replaceAfterSeconds: number;
  /** Wei a gas that it offers at most. */
  readonly maxFee: bigint;
}

const WEI_A_GWEI = 1_000_000_000n;

/** The policy of a configuration or a command; what is left out is the default of limits.ts. */
export function feePolicy(
  given: { readonly replaceAfterSeconds?: number; readonly maxFeeGwei?: number } = {},
): FeePolicy {
  const { replaceAfterSeconds = DEFAULT_REPLACE_AFTER_SECONDS, maxFeeGwei = DEFAULT_MAX_FEE_GWEI } = given;
  return { replaceAfterSeconds, maxFee: BigInt(maxFeeGwei) * WEI_A_GWEI };
}
