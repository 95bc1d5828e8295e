/**
 * What a refusal of the node means. `ALREADY_KNOWN`, `NONCE_TOO_LOW` and `REPLACEMENT_UNDERPRICED`
 * are neither success nor failure of a sending: they mean that the receipt has to be checked.
 */
export type RpcErrorCode =
  | "UNREACHABLE"
  | "REVERTED"
  | "ALREADY_KNOWN"
  | "NONCE_TOO_LOW"
  | "REPLACEMENT_UNDERPRICED"
  | "UNDERPRICED"
  | "INSUFFICIENT_FUNDS"
  | "REFUSED";

/** A node that did not answer, or what it refused. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: RpcErrorCode;
  /** The revert data of a call as 0x hex, when there was some. */
  readonly data: string | null;
  /** The contract's own name or text for its refusal, where it is known; only of `REVERTED`. */
  readonly reason: string | null;

  constructor(code: RpcErrorCode, message: string, data: string | null = null, reason: string | null = null) {
    super(message);
    this.code = code;
    this.data = data;
    this.reason = reason;
  }
}

/** True for an RpcError, of this code where one is given. */
export function isRpcError(error: unknown, code?: RpcErrorCode): error is RpcError {
  return error instanceof RpcError && (code === undefined || error.code === code);
}
