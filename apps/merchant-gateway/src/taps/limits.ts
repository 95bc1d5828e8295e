/**
 * The same card and amount within this time is asked about, because a cashier may have pressed twice
 * (spec §5.11).
 */
export const REPEATED_SALE_SECONDS = 120;
