/** One line of `check-config` may take this long. */
export const CHECK_LIMIT_MS = 10_000;

/** How long a tap waits for its card's newest allowance: the customer stands there. */
export const CARD_ALLOWANCE_WAIT_MS = 3_000;
