import type { ChainRpc } from "@tallystick/evm";
import { equalBytes, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** A block that holds events which were not recorded, by the receipt of an own transaction. */
export interface MissedEvents {
  readonly block: bigint;
  readonly detail: string;
}

/**
 * Compares the receipts of own transactions that are final with the events that were recorded: what
 * their receipts hold must be there. Some in each pass; one that is found complete is not asked for
 * again. A receipt that the node no longer keeps is passed over.
 */
export async function missedEvents(
  db: Database,
  rpc: Pick<ChainRpc, "receiptLogs">,
  vault: Uint8Array,
): Promise<MissedEvents | null> {
  const actions = await db
    .selectFrom("chain_actions")
    .select(["id", "key", "mined_hash", "mined_block"])
    .where("state", "=", "final")
    .where("events_checked", "=", false)
    .where("mined_block", "<=", (cursor) => cursor.selectFrom("chain_cursor").select("block_number"))
    .orderBy("mined_block")
    .limit(LIMITS.checkedActions)
    .execute();
  for (const { id, key, mined_hash: hash, mined_block: block } of actions) {
    if (hash === null || block === null) continue;
    const logs = (await rpc.receiptLogs(hash)) ?? [];
    const own = logs.filter(({ address }) => equalBytes(address, vault)).map(({ logIndex }) => logIndex);
    const missing = await missingOf(db, hash, own);
    if (missing.length > 0) {
      const detail = `Transaction ${toHex(hash)} (${key}) has events in block ${block} that were not recorded.`;
      return { block, detail };
    }
    await db.updateTable("chain_actions").set({ events_checked: true }).where("id", "=", id).execute();
  }
  return null;
}

async function missingOf(db: Database, hash: Uint8Array, indices: readonly number[]): Promise<readonly number[]> {
  if (indices.length === 0) return [];
  const { rows } = await sql<{ log_index: number }>`
    select wanted.log_index from unnest(${[...indices]}::int[]) as wanted (log_index)
    where not exists (select from chain_events e
      where e.transaction_hash = ${hash} and e.log_index = wanted.log_index and e.final)`.execute(db);
  return rows.map(({ log_index: index }) => index);
}
