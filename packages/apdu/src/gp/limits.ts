/**
 * GET STATUS rounds: a card with more registry entries than this many full answers is none we know.
 */
export const GET_STATUS_ROUNDS_MAX = 64;
/**
 * Shortest and longest application identifier (ISO 7816-4 §8.2.1.2); JavaCard refuses fewer than 5
 * bytes.
 */
export const AID_BYTES_MIN = 5;
export const AID_BYTES_MAX = 16;
