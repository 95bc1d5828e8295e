/** One line of `check-config` may take this long. */
export const CHECK_LIMIT_MS = 10_000;
