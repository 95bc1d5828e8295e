import { RpcError } from "@tallystick/evm";
import { problemRule } from "@tallystick/program/service";

/** How the API answers where the node did not. */
export const rpcProblem = problemRule(RpcError, ({ code, message }) => ({
  code: "CHAIN_UNREACHABLE" as const,
  detail: "Ask again when the node answers.",
  log: { level: "warn" as const, message: `The chain's node refused: ${code} ${message}` },
}));
