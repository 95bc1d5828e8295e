/** Readiness waits this long for a reader whose service hangs; it answers within a second. */
export const READINESS_WAIT_MS = 700;

/**
 * The instance that is asked in the short form: which further ones a card has is found by selecting
 * them, and none of them is known by the first (spec §5.16).
 */
export const FIRST_INSTANCE = 1;
