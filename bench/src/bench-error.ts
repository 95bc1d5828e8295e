/** Why a measurement cannot be made. */
export type BenchErrorCode = "PEER_ANSWER" | "CARD_ACCOUNT" | "RECORD_AT_END" | "RECORD_MISMATCH";

/** A fault of a benchmark: a stable code, and what happened. */
export class BenchError extends Error {
  override readonly name = "BenchError";
  readonly code: BenchErrorCode;

  constructor(code: BenchErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
