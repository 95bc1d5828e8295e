/** Transactions of a month whose parts a merchant's page adds up, the newest first: a day's batches of a large merchant. */
export const MERCHANT_FEE_TRANSACTIONS = 1_000;
