/** Answers of calls are kept for so long: a till that was off over night asks again in the morning. */
export const ANSWER_SECONDS: number = 24 * 60 * 60;

/** Answers that are kept at most; one is a few kilobytes, and a busy till makes some thousands a day. */
export const MAX_ANSWERS = 10_000;
