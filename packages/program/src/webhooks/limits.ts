/** A receiver answers within this time; what it does with the message it does afterwards. */
export const WEBHOOK_TIMEOUT_MS = 15_000;

/** Bytes of a secret, as Standard Webhooks bounds them. */
export const MIN_WEBHOOK_SECRET_BYTES = 24;
export const MAX_WEBHOOK_SECRET_BYTES = 64;
