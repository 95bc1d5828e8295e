/**
 * Faults of the caller: input that no ledger could take. A refusal that a ledger may answer is a
 * `Refusal`, not an error.
 */
export type LedgerErrorCode =
  | "BAD_ID"
  | "BAD_ACCOUNT"
  | "BAD_AMOUNT"
  | "BAD_TIME"
  | "BAD_PAGE"
  | "BAD_LOG_RANGE"
  | "BAD_SIGHTING"
  | "SAME_ACCOUNT"
  | "EMPTY_GROUP"
  | "GROUP_TOO_LARGE"
  | "DUPLICATE_ID"
  | "CONCURRENT_CHANGE"
  | "JOURNAL_REFUSED";

/**
 * Thrown for input that breaks the port's rules; the code is stable, the sentence is for people.
 */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
