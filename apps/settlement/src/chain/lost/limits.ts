/** Transactions that the database lacks, after which the chain is read no further: it is an old copy. */
export const LOST_TRANSACTIONS = 1_000;

/** Of them, those that a message names. */
export const LOST_NAMED = 10;

/** Ranges of blocks after which it is told how far the chain was read: about once a minute. */
export const TOLD_RANGES = 100;
