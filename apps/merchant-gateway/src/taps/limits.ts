/**
 * The same card and amount within this time is asked about, because a cashier may have pressed twice
 * (spec §5.11).
 */
export const REPEATED_SALE_SECONDS = 120;

/**
 * Intents whose cards a terminal remembers, so that they are asked in the short form (spec §5.16): at
 * most so many cards, of which one takes some 300 bytes of the journal.
 */
export const MAX_KNOWN_CARDS = 16_384;

/**
 * Cards in a row to which the short form is of no use before a lane begins with the long one: each
 * costs a command (spec §5.16).
 */
export const MAX_UNSERVED_CARDS = 2;
