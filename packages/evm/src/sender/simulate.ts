import { REVERT_PROOFS } from "../limits.ts";
import type { ChainBlock, ChainCall, ChainRpc } from "../rpc/chain-rpc.ts";
import { isRpcError, RpcError } from "../rpc/rpc-error.ts";
import type { RefusalCode } from "./sender-store.ts";
import type { WaitCode } from "./wait-codes.ts";

/** What a simulation came to. */
export type Simulated =
  | { readonly kind: "runs"; readonly gas: bigint }
  | { readonly kind: "waits"; readonly code: WaitCode; readonly detail: string }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly reason: string; readonly detail: string };

/**
 * Simulates a call. That it is undone is believed only where the same call at one fixed block is
 * undone as well, each time: a node that lags behind, or is busy, says it too. Rejects with RpcError
 * where the node does not answer.
 */
export async function simulate(rpc: ChainRpc, call: ChainCall, latest: ChainBlock): Promise<Simulated> {
  try {
    return { kind: "runs", gas: await rpc.estimateGas(call) };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    switch (error.code) {
      case "INSUFFICIENT_FUNDS":
        return { kind: "waits", code: "NO_GAS", detail: error.message };
      case "GAS_LIMIT":
        return { kind: "refused", code: "GAS_LIMIT", reason: "GAS_LIMIT", detail: error.message };
      case "REVERTED":
        return await proven(rpc, call, { latest, first: error });
      default:
        throw error;
    }
  }
}

async function proven(
  rpc: ChainRpc,
  call: ChainCall,
  { latest, first }: { readonly latest: ChainBlock; readonly first: RpcError },
): Promise<Simulated> {
  let last = first;
  for (let proof = 0; proof < REVERT_PROOFS; proof += 1) {
    try {
      await rpc.call(call, latest.number);
      return { kind: "waits", code: "UNPROVEN_REVERT", detail: first.message };
    } catch (error) {
      if (isRpcError(error, "GAS_LIMIT")) {
        return { kind: "refused", code: "GAS_LIMIT", reason: "GAS_LIMIT", detail: error.message };
      }
      if (!isRpcError(error, "REVERTED")) throw error;
      last = error;
    }
  }
  return { kind: "refused", code: "SIMULATION", reason: last.reason ?? "no reason given", detail: wordsOf(last) };
}

/** The contract's words without the name of the method that brought them. */
function wordsOf({ message }: RpcError): string {
  return message.replace(/^eth_\w+: /, "");
}
