/**
 * Times that the price of today is kept back of coin that is sent over, so that the transaction may be
 * replaced by a dearer one.
 */
export const COIN_RESERVE = 2n;

/**
 * Times that coin must be what is kept back, or it is left: what stays behind must not look like coin
 * that somebody has sent, as soon as prices fall.
 */
export const COIN_WORTH = 10n;
