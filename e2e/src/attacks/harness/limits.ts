/** One attack takes a second or two; a test that hangs must say so long before the suite's own limit, which is for whole days. */
export const ATTACK_TIMEOUT_MS = 60_000;

/** Longest wait for the gateway's program to serve. */
export const READY_DEADLINE_MS = 30_000;

/** How long a tap waits for its card, seconds. */
export const CARD_WAIT_SECONDS = 5;

/** A reader that starts is dialled so often, with a pause between, until it listens. */
export const DIAL_ATTEMPTS = 500;
export const DIAL_PAUSE_MS = 20;
