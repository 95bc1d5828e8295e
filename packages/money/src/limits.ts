/**
 * Largest amount of the protocol: amounts are unsigned 48-bit counts of units, so that six bytes
 * always hold them.
 */
export const MAX_UNITS: bigint = (1n << 48n) - 1n;

/**
 * Most digits after the point: an ERC-20 token has at most 18 in practice, and one unit is never
 * finer than that.
 */
export const MAX_DECIMALS = 18;

/**
 * Largest number of token base units in one unit; a token amount (2^256) divided by 2^48 units
 * leaves 2^208.
 */
export const MAX_SCALE: bigint = (1n << 208n) - 1n;

/**
 * Longest text that can hold an amount: 15 digits, a point and 18 decimals; longer input is refused
 * before it is read.
 */
export const MAX_AMOUNT_TEXT_LENGTH = 34;
