/**
 * Orders of one payment that settlement is asked about before the next refund, the newest ones:
 * somebody waits at the counter for each.
 */
export const MAX_ORDERS_ASKED_AT_ONCE = 5;
