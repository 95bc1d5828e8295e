/** Every bound of this package, each with its reason. */

/** Largest configuration file: a hundred settings are some 10 kB; more is another file. */
export const MAX_CONFIG_BYTES = 1_048_576;

/** Faults of one file that are reported: a file of another kind would otherwise fill the screen. */
export const MAX_REPORTED_FAULTS = 50;

/** Largest key file: a key is 32 bytes, and a public key stands beside it. */
export const MAX_KEY_FILE_BYTES = 16_384;

/** Faults of one request that an answer lists; the rest is counted. */
export const MAX_REPORTED_ISSUES = 8;

/**
 * Passes that fail one after the other double the pause at most this often; the ceiling is reached
 * long before.
 */
export const MAX_DOUBLINGS = 16;

/**
 * How long a program may take to its end unless it says otherwise: an orchestrator usually kills
 * after 30 s.
 */
export const DEFAULT_END_MS = 20_000;

/**
 * A second signal within this time is the first one again: a terminal sends Ctrl-C to the launcher
 * and to the program, and the launcher passes it on.
 */
export const SAME_SIGNAL_MS = 500;

/**
 * Keys that issuers signed with before and that may be pinned beside the present one: they change
 * once in years.
 */
export const MAX_ISSUER_KEYS = 16;

/** Milliseconds in which an equal warning is counted and not written again: one line a minute. */
export const REPEATED_LINE_MS = 60_000;

/** Different lines whose repeats are counted: more kinds of faults at once fit on no screen. */
export const MAX_COUNTED_LINES = 256;
