export type WebhookErrorCode = "WEBHOOK_UNKNOWN" | "DELIVERY_UNKNOWN" | "WEBHOOK_DISABLED";

/** Why something about webhooks is not done; nothing was changed. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
