import type { ChainRpc } from "@tallystick/evm";
import { ProgramError } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import type { Database } from "../../foundation/database/database.ts";

/**
 * Compares how many transactions the chain, or a node's pool, has of each account that sent something with what a copy
 * of the database knows: payouts, openings, refunds and withdrawals leave no event by which
 * `assertNotBehind` would find them (spec §6.14). Rejects with COPY_BEHIND_CHAIN, which names each
 * account with how many are lost, and with RpcError where the node does not say.
 */
export async function assertNoncesKnown({ db, rpc }: { readonly db: Database; readonly rpc: ChainRpc }): Promise<void> {
  const accounts = await db.selectFrom("chain_accounts").selectAll().orderBy("address").execute();
  const lost: string[] = [];
  for (const { address, next_nonce: known } of accounts) {
    // Also those that wait in the node's pool.
    const counts = await Promise.all([
      rpc.transactionCount(address, "latest"),
      rpc.transactionCount(address, "pending"),
    ]);
    const sent = counts.reduce((most, each) => (each > most ? each : most));
    if (sent > known) lost.push(`${sent - known} of ${toHex(address)}, from nonce ${known} on`);
  }
  if (lost.length === 0) return;
  throw new ProgramError(
    "COPY_BEHIND_CHAIN",
    `The chain has transactions that the copy does not know: ${lost.join("; ")}.`,
    {
      exit: "store",
      next:
        "Find the newest database. Where it is lost, or the transactions were made by hand, raise restoreGeneration " +
        "by one: docs/operating/backup.md says what else is to be done.",
    },
  );
}
