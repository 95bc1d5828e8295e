/** Longest id of an account or an operation: a name and a 32-byte hash in hex fit twice. */
export const MAX_ID_LENGTH = 160;

/** Longest id of a hold with an expiry, so that "expire:" and its id are an id too. */
export const MAX_EXPIRING_ID_LENGTH = MAX_ID_LENGTH - "expire:".length;

/** Most operations in one group: one upload holds 1,000 vouchers, and each makes one operation. */
export const MAX_GROUP_OPERATIONS = 4_096;

/** Most accounts opened in one call, for the same reason. */
export const MAX_ACCOUNTS_PER_CALL = 4_096;

/**
 * Largest amount and largest total of one side of an account: what a signed 64-bit column holds.
 */
export const MAX_TOTAL: bigint = (1n << 63n) - 1n;

/** Latest time: the last millisecond that JavaScript's dates know. */
export const MAX_TIME_MS = 8_640_000_000_000_000;

/** Most entries or due holds read in one call, so that no page outgrows memory. */
export const MAX_PAGE_ROWS = 10_000;

/**
 * Levels of the log's tree of which one is kept; 256 leaves a tile keep proofs to some hundred
 * reads and add one row in 255.
 */
export const LOG_TILE_HEIGHT = 8;

/** Nodes of one full tile. */
export const LOG_TILE_NODES: number = 2 ** LOG_TILE_HEIGHT;

/** Operations taken into the log at a time, so that a long backlog does not outgrow memory. */
export const LOG_SEAL_ENTRIES = 4_096;

/** Times that sealing starts again because somebody else sealed meanwhile. */
export const SEAL_ATTEMPTS = 8;

/**
 * Times that a sweep of expired holds starts again because somebody else resolved one meanwhile.
 */
export const EXPIRY_ATTEMPTS = 8;

/** Largest counter of a card's stream: counters are unsigned 32-bit. */
export const MAX_COUNTER = 0xffff_ffff;
