/** Days of one statement or report: a year and the leap day. */
export const PERIOD_DAYS = 366;
