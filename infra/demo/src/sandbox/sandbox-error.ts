/** Why the sandbox did not do what was asked. */
export type SandboxErrorCode =
  | "NOT_A_DEVELOPMENT_CHAIN"
  | "MALFORMED_REQUEST"
  | "NOT_THIS_PAGE"
  | "NOT_FOUND"
  | "CARD_UNKNOWN"
  | "TERMINAL_UNKNOWN"
  | "CARD_ON_READER"
  | "TOO_MANY_COPIES"
  | "SETTLEMENT_DOWN";

/** A refusal with a stable code; the message says what happened and what to do. */
export class SandboxError extends Error {
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string) {
    super(message);
    this.name = "SandboxError";
    this.code = code;
  }
}
