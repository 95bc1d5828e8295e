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
 * Room for the answer to a short command: far more than the 258 bytes that ISO 7816-4 §5.1 allows it, and far less than an
 * extended one needs, because the libraries fill the room with zeros before every command.
 */
export const SHORT_RESPONSE_ROOM_BYTES = 4_096;

/** GET RESPONSE rounds after one command: 65,536 bytes in pieces of 256, so a card cannot keep us for ever. */
export const GET_RESPONSE_ROUNDS_MAX = 256;
/** Links of one chained command: enough for 65,535 bytes in pieces of 255. */
export const CHAIN_LINKS_MAX = 258;
/** GET STATUS rounds: a card with more registry entries than this many full answers is none we know. */
export const GET_STATUS_ROUNDS_MAX = 64;

/** Depth of nested TLV objects; card data has at most four levels, the rest is an attack on the stack. */
export const TLV_DEPTH_MAX = 16;
/** Bytes of one TLV tag; ISO 7816-4 §5.2.2.1 defines tags of up to three. */
export const TLV_TAG_BYTES_MAX = 3;
/** Bytes of a TLV length after its first one (82 hh ll): nothing in an APDU is longer than 65,535. */
export const TLV_LENGTH_BYTES_MAX = 3;

/** Shortest and longest application identifier (ISO 7816-4 §8.2.1.2); JavaCard refuses fewer than 5 bytes. */
export const AID_BYTES_MIN = 5;
export const AID_BYTES_MAX = 16;

/** How long a card may take for one command before it counts as mute: key generation on old chips takes a second. */
export const TRANSMIT_TIMEOUT_MS = 10_000;
/** How long to wait for another program's transaction before the reader counts as in use. */
export const TRANSACTION_WAIT_MS = 2_000;
/** Pause between two tries to get a card that another program has locked. */
export const TRANSACTION_RETRY_MS = 5;
/** How long the service itself may take for what needs no card. */
export const SERVICE_TIMEOUT_MS = 3_000;
/** How long `reset` goes on: a card that was torn is back after 1–15 ms, one that was put on again after half a second. */
export const RESET_TIMEOUT_MS = 5_000;
/** Pause between two tries to bring a card back. */
export const RESET_RETRY_MS = 5;
/** Pause between two looks at a reader; the service itself looks about every 400 ms. */
export const PRESENCE_POLL_MS = 50;
/** How long opening a socket to a card host may take. */
export const VPCD_CONNECT_TIMEOUT_MS = 3_000;
/** A vpcd message carries its length in two bytes. */
export const VPCD_MESSAGE_BYTES_MAX = 65_535;
/** How long a watch of the library pcsclite stays open after its last use, so that its threads are all waiting again. */
export const WATCH_CLOSE_DELAY_MS = 50;
