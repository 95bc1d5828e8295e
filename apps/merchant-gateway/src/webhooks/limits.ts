/** Waits before each further try, seconds, as Standard Webhooks proposes them; behind the last it is given up. */
export const WEBHOOK_RETRY_SECONDS: readonly number[] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** Messages that are sent to one endpoint in one pass, one after the other. */
export const MAX_WEBHOOKS_PER_PASS = 20;

/** Entries of the log that are looked at in one pass. */
export const MAX_CHANGES_PER_PASS = 500;

/** Between two looks at what is to be told. */
export const WEBHOOK_POLL_SECONDS = 1;
