import { RpcError } from "@tallystick/evm";
import type { FailureRule } from "@tallystick/program";
import { databaseAwayReason } from "../../foundation/database/database-away.ts";

/** A database that does not answer. */
export const databaseRule: FailureRule = (error) => {
  const reason = databaseAwayReason(error);
  if (reason === null) return null;
  const next = "Start PostgreSQL, or correct databaseUrl.";
  return { code: "DATABASE_UNAVAILABLE", message: `The database does not answer (${reason}).`, exit: "store", next };
};

/** A node that does not answer. */
export const nodeRule: FailureRule = (error) =>
  error instanceof RpcError
    ? {
        code: "CHAIN_UNREACHABLE",
        message: error.message,
        exit: "network",
        next: "See whether the node runs, and whether rpcUrl is right.",
      }
    : null;
