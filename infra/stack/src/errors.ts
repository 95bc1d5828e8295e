/** Why a part could not be started or stopped. */
export type StackErrorCode = "NOT_INSTALLED" | "DID_NOT_START" | "STOPPED_EARLY" | "OUT_OF_RANGE" | "NO_EVENT";

/** A fault of the development stack: a stable code, what happened and what to do next. */
export class StackError extends Error {
  readonly code: StackErrorCode;

  constructor(code: StackErrorCode, message: string) {
    super(message);
    this.name = "StackError";
    this.code = code;
  }
}
