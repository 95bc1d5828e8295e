/** Wrong PINs before the PIN is blocked (spec §4.9). */
export const PIN_TRIES = 3;
/** Wrong PUKs before nothing can set a new PIN any more (spec §4.9). */
export const PUK_TRIES = 5;
/** The largest amount and sum: units are six bytes (spec §3.0). */
export const MAX_U48 = 2n ** 48n - 1n;
/** The largest counter and sequence number: four bytes (spec §3.0). */
export const MAX_U32 = 2n ** 32n - 1n;
/** Bytes of the shortest data group of STORE DATA: its identifier, its length, one of content. */
export const SHORTEST_GROUP_BYTES = 4;
