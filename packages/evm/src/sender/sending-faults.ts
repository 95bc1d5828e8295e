import type { RpcError } from "../rpc/rpc-error.ts";
import type { WaitCode } from "./wait-codes.ts";

/**
 * What a node's refusal of bytes means; null where only the receipt shows it. Throws what is no
 * refusal.
 */
export function faultOfSending(error: RpcError): WaitCode | null {
  switch (error.code) {
    case "ALREADY_KNOWN":
    case "NONCE_TOO_LOW":
    case "REPLACEMENT_UNDERPRICED":
      return null;
    case "INSUFFICIENT_FUNDS":
      return "NO_GAS";
    case "UNDERPRICED":
    case "REVERTED":
    case "GAS_LIMIT":
    case "REFUSED":
      return "NODE_REFUSED";
    case "UNREACHABLE":
    case "RATE_LIMITED":
    case "FOREIGN_ANSWER":
    case "ANSWER_TOO_LARGE":
    case "MALFORMED_ANSWER":
    case "CONTRADICTION":
    case "RANGE_TOO_WIDE":
      throw error;
  }
}
