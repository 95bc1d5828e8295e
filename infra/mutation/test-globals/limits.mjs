/** Titles become one regular expression, which has a limit; a value of a million characters stands in some of them. */
export const MOST_TITLE_CHARACTERS = 120;

/**
 * A test that takes longer than this often its usual time, and this many milliseconds more, hangs: no machine that is busy
 * with other work makes it so slow.
 */
export const TIMES_USUAL = 10;
export const LEAST_TEST_MS = 10_000;

/** The limit of a test that has not passed yet in this process, in milliseconds: Jest's, by the workspace's settings. */
export const FIRST_TEST_MS = 120_000;
