/** Longest command data of a short APDU (ISO 7816-4 §5.1: Lc is one byte). */
export const SHORT_COMMAND_DATA_MAX = 255;
/** Longest response data that a short APDU can ask for (Le 00 means 256). */
export const SHORT_RESPONSE_DATA_MAX = 256;
/** Longest command data of an extended APDU (two bytes of Lc, zero not allowed). */
export const EXTENDED_COMMAND_DATA_MAX = 65_535;
/** Longest response data that an extended APDU can ask for (Le 0000 means 65,536). */
export const EXTENDED_RESPONSE_DATA_MAX = 65_536;
/** Header, three bytes of Lc, data, two bytes of Le. */
export const COMMAND_BYTES_MAX = 4 + 3 + EXTENDED_COMMAND_DATA_MAX + 2;
/** Data and the two bytes of the status word. */
export const RESPONSE_BYTES_MAX = EXTENDED_RESPONSE_DATA_MAX + 2;

/**
 * Room for the answer to a short command: far more than the 258 bytes that ISO 7816-4 §5.1 allows
 * it, and far less than an extended one needs, because the libraries fill the room with zeros
 * before every command.
 */
export const SHORT_RESPONSE_ROOM_BYTES = 4_096;

/**
 * GET RESPONSE rounds after one command: 65,536 bytes in pieces of 256, so a card cannot hold the
 * caller indefinitely.
 */
export const GET_RESPONSE_ROUNDS_MAX = 256;
/** Links of one chained command: enough for 65,535 bytes in pieces of 255. */
export const CHAIN_LINKS_MAX = 258;

/**
 * Depth of nested TLV objects; card data has at most four levels, the rest is an attack on the
 * stack.
 */
export const TLV_DEPTH_MAX = 16;
/** Bytes of one TLV tag; ISO 7816-4 §5.2.2.1 defines tags of up to three. */
export const TLV_TAG_BYTES_MAX = 3;
/**
 * Bytes of a TLV length after its first one (82 hh ll): nothing in an APDU is longer than 65,535.
 */
export const TLV_LENGTH_BYTES_MAX = 3;
