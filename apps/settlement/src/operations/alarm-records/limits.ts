/** Waits before each further try of a way, seconds; the last one is repeated until the alarm is told. */
export const RETRY_SECONDS = [5, 15, 60, 300] as const;

/** Milliseconds for which a try belongs to the process that began it: longer than any way takes. */
export const LEASE_MS = 60_000;

/** Tellings of one pass: a flood of alarms must not hold up the pass. */
export const TELLINGS_A_PASS = 20;

/** Tries after which readiness shows that a way does not work: one that fails once is tried again first. */
export const FAILED_TRIES = 2;

/** Milliseconds for which an ended alarm is still told as ended where a way does not work. */
export const END_TOLD_WITHIN_MS = 86_400_000;

/** Alarms that are listed. */
export const LISTED_ALARMS = 200;
