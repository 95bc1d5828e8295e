/** One attack takes a second or two; a test that hangs must say so long before the suite's own limit, which is for whole days. */
export const ATTACK_TIMEOUT_MS = 60_000;

/** How long a tap waits for its card, seconds. */
export const CARD_WAIT_SECONDS = 5;
