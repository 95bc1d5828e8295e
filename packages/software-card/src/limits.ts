/** Wrong PINs before the PIN is blocked (spec §4.9). */
export const PIN_TRIES = 3;
/** Wrong PUKs before nothing can set a new PIN any more (spec §4.9). */
export const PUK_TRIES = 5;
