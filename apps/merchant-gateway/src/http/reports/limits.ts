/** Longest name of whoever asks for a report, as of a cashier. */
export const MAX_ASKER_LENGTH = 64;

/** Reports in one answer: a month of days. */
export const MAX_LISTED_REPORTS = 31;
