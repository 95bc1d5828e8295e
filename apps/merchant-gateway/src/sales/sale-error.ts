/** Why a request about a sale is refused; nothing was done. */
export type SaleErrorCode =
  | "SALE_UNKNOWN"
  | "SALE_DIFFERS"
  | "SALE_PAID"
  | "SALE_REVERSED"
  | "SALE_NOT_PAID"
  | "SALE_IN_PROGRESS";

/** Thrown before anything is asked of a card or changed in the journal. */
export class SaleError extends Error {
  override readonly name = "SaleError";
  readonly code: SaleErrorCode;

  constructor(code: SaleErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
