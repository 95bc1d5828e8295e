/** Wrong PINs before the PIN is blocked (spec §4.9). */
export const PIN_TRIES = 3;
/** Wrong PUKs before nothing can set a new PIN any more (spec §4.9). */
export const PUK_TRIES = 5;
/** Most that an amount and a sum can be: six bytes hold them (spec §3.1). */
export const MAX_U48 = 2n ** 48n - 1n;
/** Most that a counter can be: four bytes hold it (spec §3.1). */
export const MAX_U32 = 2n ** 32n - 1n;
/** Shortest data group of STORE DATA: its name, its length and one byte (spec §4.7). */
export const SHORTEST_GROUP = 4;
/** noPinCount without a limit by count, and the highest count that is kept (spec §4.5). */
export const NO_COUNT_LIMIT = 255n;
