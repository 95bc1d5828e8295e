/** What can be wrong with bytes, with an answer, or with the use of this package. */
export type ApduErrorCode =
  | "WRONG_LENGTH"
  | "OUT_OF_RANGE"
  | "SURPLUS_BYTES"
  | "TRUNCATED"
  | "NOT_MINIMAL"
  | "WRONG_VALUE"
  | "TOO_DEEP"
  | "TOO_LONG"
  | "TORN"
  | "STATUS"
  | "UNSUPPORTED"
  | "WRONG_KEYS"
  | "WRONG_CHECK_VALUE"
  | "CHANNEL_CLOSED"
  | "RESPONSE_MAC"
  | "RESPONSE_PADDING";

/** Details of the case; never a key and never the data of a secured command. */
export type ApduErrorContext = Readonly<Record<string, string | number | boolean | null>>;

/** A failure below the product: a stable code, a sentence, and the details of the case. */
export class ApduError extends Error {
  override readonly name = "ApduError";
  readonly code: ApduErrorCode;
  readonly context: ApduErrorContext;

  constructor(code: ApduErrorCode, message: string, context: ApduErrorContext = {}) {
    super(message);
    this.code = code;
    this.context = context;
  }
}

/** Whether a caught value is an APDU error, and of that code when one is named. */
export function isApduError(error: unknown, code?: ApduErrorCode): error is ApduError {
  return error instanceof ApduError && (code === undefined || error.code === code);
}

/** Refuses a field that has not exactly the length it must have. */
export function assertLength(field: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length !== expected) {
    throw new ApduError("WRONG_LENGTH", `${field} must have ${expected} bytes, but has ${bytes.length}.`, {
      field,
      expected,
      actual: bytes.length,
    });
  }
}

/** Refuses a number that is not an integer of `min` to `max`, both included. */
export function assertRange(field: string, value: number, range: { readonly min: number; readonly max: number }): void {
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw new ApduError("OUT_OF_RANGE", `${field} must be ${range.min} to ${range.max}, but is ${value}.`, {
      field,
      value,
      ...range,
    });
  }
}
