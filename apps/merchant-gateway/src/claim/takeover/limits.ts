/** Pages of a payee's list that are fetched: two million vouchers, more than a terminal's disk should keep. */
export const MAX_LISTED_PAGES = 10_000;

/** Bytes of a voucher's id. */
export const ID_BYTES = 32;
