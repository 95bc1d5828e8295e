/** Seconds: bounds of the time from a voucher's arrival to its final block, from a quick chain's to a week's. */
export const FINAL_SECONDS = [1, 5, 15, 60, 300, 900, 1_800, 3_600, 21_600, 86_400, 604_800];

/** Seconds: bounds of a request's time, from a cached answer's to the longest one allowed. */
export const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.3, 1, 3, 10, 60];

/** Series that all figures together may have: with some 130 bytes each, a scrape stays far below a megabyte. */
export const MOST_SERIES = 4_000;

/** Calls, by method and path, that are told apart; what comes beyond them is one figure for each method. */
export const MOST_CALLS = 200;

/** Of these series: gauges, which a test counts at a running service, and the process's own. */
export const MOST_GAUGES = 500;

/** Ids that one line of the log names: the rest is counted, and stands in the database. */
export const IDS_OF_A_LINE = 5;
