/**
 * What a refusal of the node, or its silence, means.
 *
 * - `UNREACHABLE`: no answer, or an HTTP status that is none of JSON-RPC.
 * - `RATE_LIMITED`: it wants to be asked less often (HTTP 429); nothing is asked until it may be.
 * - `FOREIGN_ANSWER`: what came is not JSON-RPC, such as a page of HTML.
 * - `ANSWER_TOO_LARGE`: the answer is longer than is read.
 * - `MALFORMED_ANSWER`: JSON-RPC whose result has another form than the method's.
 * - `CONTRADICTION`: what it says is at odds with what it, or a second node, says elsewhere.
 * - `RANGE_TOO_WIDE`: it does not give the logs of so many blocks at once.
 * - `REVERTED`: the call is undone, by a proper answer: with data, with the code 3, or by the words
 *   with which nodes say so.
 * - `GAS_LIMIT`: the call needs more gas than the node, or a block, allows.
 * - `ALREADY_KNOWN`, `NONCE_TOO_LOW` and `REPLACEMENT_UNDERPRICED` are neither success nor failure
 *   of a sending: they mean that the receipt has to be checked.
 * - `UNDERPRICED`, `INSUFFICIENT_FUNDS`: the fee, or what the account holds, is too low.
 * - `REFUSED`: anything else; it may be another answer the next time.
 */
export type RpcErrorCode =
  | "UNREACHABLE"
  | "RATE_LIMITED"
  | "FOREIGN_ANSWER"
  | "ANSWER_TOO_LARGE"
  | "MALFORMED_ANSWER"
  | "CONTRADICTION"
  | "RANGE_TOO_WIDE"
  | "REVERTED"
  | "GAS_LIMIT"
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
