/** Why a request about a tap is refused; nothing was done. */
export type TapErrorCode =
  | "TAP_IN_PROGRESS"
  | "TAP_UNKNOWN"
  | "TAP_NOT_OPEN"
  | "TAP_FINAL"
  | "SALE_AMOUNT_DIFFERS"
  | "AMOUNT_REFUSED"
  | "LANE_UNKNOWN"
  | "CURRENCY_NOT_SERVED";

/** Thrown before anything is asked of a card. */
export class TapError extends Error {
  override readonly name = "TapError";
  readonly code: TapErrorCode;

  constructor(code: TapErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
