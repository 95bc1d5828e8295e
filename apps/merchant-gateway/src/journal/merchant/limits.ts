/** Answers of calls are kept for so long: a till that was off over night asks again in the morning. */
export const ANSWER_SECONDS: number = 24 * 60 * 60;

/** Answers that are kept at most; one is a few kilobytes, and a busy till makes some thousands a day. */
export const MAX_ANSWERS = 10_000;

/** Transactions, payouts and receipts that are named of one stage; the others are in the list of payments. */
export const MAX_NAMED_TRANSACTIONS = 20;

/** Payments that are read to name transactions: what is final grows without an end. */
export const MAX_READ_FOR_TRANSACTIONS = 2_000;

/** What the payee holds in the vault is kept anew after so long, where nothing of it changed. */
export const ACCOUNT_SECONDS = 600;

/** Messages to a merchant's programs that are kept; a busy terminal makes some thousands a day. */
export const MAX_KEPT_WEBHOOKS = 20_000;
