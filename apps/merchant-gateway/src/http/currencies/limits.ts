/** Decimals that a cashier keys in, where the asset has as many. */
export const KEYED_DECIMALS = 2;

/** A limit of which so much is used is warned of, before the terminal stops selling. */
export const WARNED_SHARE = 0.8;

/** A certificate is warned of in its last days alone: a fifth of some years would be months of warning. */
export const WARNED_CERTIFICATE_SECONDS: number = 30 * 86_400;

/** Shares are shown in thousandths. */
export const SHARE_STEPS = 1_000;
