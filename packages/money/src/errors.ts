/** What went wrong with an amount; the code is stable, the sentence is for people. */
export type MoneyErrorCode =
  | "NOT_A_STRING"
  | "MALFORMED_AMOUNT"
  | "TOO_MANY_DECIMALS"
  | "AMOUNT_OVERFLOW"
  | "UNITS_OUT_OF_RANGE"
  | "NOT_WHOLE_UNITS"
  | "BAD_ASSET";

/**
 * Thrown for every amount that is not exactly representable; nothing is rounded, truncated or
 * repaired.
 */
export class MoneyError extends Error {
  readonly code: MoneyErrorCode;

  constructor(code: MoneyErrorCode, message: string) {
    super(message);
    this.name = "MoneyError";
    this.code = code;
  }
}
