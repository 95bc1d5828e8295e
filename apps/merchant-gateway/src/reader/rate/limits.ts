/**
 * Bytes on the air of a tap at which terminal and card meet for the first time: SELECT 14 and 236, PAY 73 and at most 123,
 * and three of each frame (ISO/IEC 14443-4 §7.1).
 */
export const TAP_AIR_BYTES = 14 + 236 + 73 + 123 + 4 * 3;

/** Milliseconds of a byte at 106 kbit/s: nine elementary time units of 128 / 13.56 MHz. */
export const BYTE_AT_106_MS = (9 * 128) / 13_560;

/**
 * kbit/s that readers are set to: it saves nearly all there is to save, and 848 asks more of the antenna (at 424 a first
 * meeting is 29 ms shorter than at 106, at 848 five more, by the model).
 */
export const WANTED_RATE = 424;
