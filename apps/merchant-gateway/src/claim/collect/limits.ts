/** How long `collect` waits for the next card, unless the command line says, seconds. */
export const COLLECT_WAIT_SECONDS = 300;

/** Longest wait that the command line may ask for: an afternoon at the counter, seconds. */
export const MAX_COLLECT_WAIT_SECONDS = 14_400;

/** Between two attempts at a card that is just being put on the reader, or taken off it. */
export const COLLECT_RETRY_MS = 200;

/** Shorter answers are no card's: that of a card torn in the middle is empty. */
export const STATUS_WORD_BYTES = 2;
