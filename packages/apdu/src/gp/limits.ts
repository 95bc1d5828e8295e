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

/**
 * Bytes of one LOAD command: 223 and one of padding are 14 AES blocks, and with a MAC of 16 bytes 240,
 * within the 255 of a short command in either mode of SCP03.
 */
export const LOAD_BLOCK_BYTES = 223;
/** Blocks are numbered by one byte (GP v2.3.1 §11.6.2.2). */
export const LOAD_BLOCKS_MAX = 256;
