/** Wei in a gwei: an amount's whole gwei are booked in one asset, what is left in another. */
export const GWEI_WEI = 1_000_000_000n;
