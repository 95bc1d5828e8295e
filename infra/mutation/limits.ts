/** The least share of noticed changes, in per cent, with which the command succeeds. */
export const LEAST_SCORE_PERCENT = 85;

/** How many mutants are drawn where nothing is said; the share of a sample of this size is within 5 % of that of all. */
export const DEFAULT_SAMPLE = 300;

/** The largest sample; no part has as many mutants. */
export const MAX_SAMPLE = 100_000;

/** The largest seed: 32 bits are written down easily. */
export const MAX_SEED = 4_294_967_295;

/** Most programs that judge mutants at once; each holds the package and its libraries in memory. */
export const MAX_JOBS = 16;

/**
 * A mutant whose tests take longer than this often their time in the dry run, and this many milliseconds more, is an
 * endless loop. A test that waits in vain ends before, by its own limit; so this is ample, for a machine that was idle
 * in the dry run and is busy afterwards.
 */
export const TIMES_DRY_RUN = 5;
export const MUTANT_TIME_LIMIT_MS = 30_000;

/** The longest that all judging tests may take without any change, in minutes, on a busy machine. */
export const DRY_RUN_MINUTES = 20;

/** The longest that the contracts' tests may take for one change, in milliseconds; a faultless vault takes 30 s alone. */
export const FORGE_TIME_LIMIT_MS = 900_000;

/** Changes of the contracts after which the progress is told. */
export const TOLD_EVERY = 10;
