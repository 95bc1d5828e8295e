import { RpcError } from "@tallystick/evm";
import { problemRule } from "@tallystick/program/service";
import { partAwayTexts, type StandingFaults } from "../foundation/http/create-problem-filter.ts";

const NODE_AWAY = {
  message: "The chain's node does not answer.",
  next: "See whether the node runs, and whether rpcUrl is right.",
};

/** How the API answers where the node did not. */
export const rpcProblem = (standing: StandingFaults) =>
  problemRule(RpcError, ({ code, message }) => ({
    code: "CHAIN_UNREACHABLE" as const,
    ...partAwayTexts(standing(["CHAIN_UNREACHABLE"]), NODE_AWAY),
    log: { level: "warn" as const, message: `The chain's node refused: ${code} ${message}` },
  }));
