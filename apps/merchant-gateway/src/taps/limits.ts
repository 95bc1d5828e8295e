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

/**
 * Taps in a row in which one card left the short SELECT without an answer before it counts as one
 * without the short forms: each costs as long as a silent card is waited for (spec §5.16).
 */
export const MAX_UNANSWERED_TAPS = 2;

/** Cards whose unanswered short SELECTs a lane counts; one is forgotten when it answers, the oldest when full. */
export const MAX_UNANSWERED_CARDS = 64;
