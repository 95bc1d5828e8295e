/** Cards of the benchmark: each voucher of the widest batch has its own. */
export const CARDS = 1_000;

/** Merchants of the benchmark: the most that one batch of it pays. */
export const MERCHANTS = 100;

/** The benchmark's seed: the same vouchers in every run. */
export const SEED = 1;

/** Pause between two tries to reach a node that starts, milliseconds. */
export const NODE_POLL_MS = 20;
