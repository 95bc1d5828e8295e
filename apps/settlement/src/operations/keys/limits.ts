/**
 * Times that the price of today is kept back of coin that is sent over, so that the transaction may be
 * replaced by a dearer one.
 */
export const COIN_RESERVE = 2n;
