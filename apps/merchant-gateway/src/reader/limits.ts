/** Readiness waits this long for a reader whose service hangs; it answers within a second. */
export const READINESS_WAIT_MS = 700;
