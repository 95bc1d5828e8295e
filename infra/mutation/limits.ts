/** The least share of noticed changes, in per cent, with which the command succeeds. */
export const LEAST_SCORE_PERCENT = 85;

/** Most programs that judge mutants at once; each holds the package and its libraries in memory. */
export const MAX_JOBS = 16;

/** Time beyond half again the time of its tests after which a mutant counts as an endless loop, in milliseconds. */
export const MUTANT_TIME_LIMIT_MS = 10_000;
