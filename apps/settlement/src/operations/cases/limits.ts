/** Milliseconds between two looks for what opens cases: a person reads them minutes later. */
export const CASE_LOOK_MS = 2_000;

/** Cases that one look opens, and ends: the rest follow with the next look. */
export const CASES_AT_ONCE = 200;

/** Uploads of a terminal that a case's evidence holds at most. */
export const EVIDENCE_UPLOADS = 8;

/** Messages that a case's evidence holds at most: two of a counter are a fork. */
export const EVIDENCE_MESSAGES = 16;
