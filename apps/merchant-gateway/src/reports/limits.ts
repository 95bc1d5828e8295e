/** Entries of the log that are read at a time for a file, so that a payment can come in between. */
export const REPORT_PART = 2_000;
