/** Seconds: bounds of the time from a voucher's arrival to its final block, from a quick chain's to a week's. */
export const FINAL_SECONDS = [1, 5, 15, 60, 300, 900, 1_800, 3_600, 21_600, 86_400, 604_800];

/** Seconds: bounds of a request's time, from a cached answer's to the longest one allowed. */
export const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.3, 1, 3, 10, 60];

/** Series that all figures together may have: a scrape stays below a megabyte. */
export const MOST_SERIES = 2_000;

/** Paths of calls that are told apart; what comes beyond them is one figure. */
export const MOST_ROUTES = 200;

/** Ids that one line of the log names: the rest is counted, and stands in the database. */
export const IDS_OF_A_LINE = 5;
