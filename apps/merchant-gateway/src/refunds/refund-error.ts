/** Refunds that cannot be meant; nothing was journalled for them. */
export type RefundErrorCode =
  | "CHAIN_NOT_CONFIGURED"
  | "NOT_PAYEE_KEY"
  | "REFUND_ABOVE_PAYMENT"
  | "REFUND_DIFFERS"
  | "REFUND_WHOLE_ONLY"
  | "ALREADY_REFUNDED"
  | "VOUCHER_UNKNOWN"
  | "NOT_PAID_YET"
  | "ALREADY_PAID"
  | "REFUND_REFUSED";

/** Thrown before anything is written or sent. */
export class RefundError extends Error {
  override readonly name = "RefundError";
  readonly code: RefundErrorCode;

  constructor(code: RefundErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
