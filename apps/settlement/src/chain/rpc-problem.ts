import type { ProblemMapping } from "../foundation/http/problem-filter.ts";
import { RpcError } from "./chain-rpc.ts";

/** What the API answers where the node did not. */
export const rpcProblem: ProblemMapping = (error) =>
  error instanceof RpcError
    ? {
        code: "CHAIN_UNREACHABLE",
        detail: "Ask again when the node answers.",
        log: `The chain's node refused: ${error.code} ${error.message}`,
      }
    : null;
