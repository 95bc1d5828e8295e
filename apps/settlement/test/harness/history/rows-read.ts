import { sql } from "kysely";
import type { Database } from "../../../src/foundation/database/database.ts";

/** Tables that grow with every voucher. */
const GROWING = [
  ...["vouchers", "counter_claims", "settled_items", "uploads", "receipts", "cancellations", "chain_events"],
  ...["ledger_transfers", "ledger_entries"],
];

/**
 * Rows that sessions have read so far of each table that grows, also inside functions and triggers,
 * as the server counts them.
 */
export async function rowsRead(session: Database): Promise<ReadonlyMap<string, number>> {
  await sql`select pg_stat_force_next_flush()`.execute(session);
  // What a session has counted is told when its statement ends: it is read by the next one.
  const { rows } = await sql<{ name: string; rows: string }>`
    select relname as name, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::text as rows
    from pg_stat_user_tables where relname = any (${GROWING})`.execute(session);
  return new Map(rows.map((row) => [row.name, Number(row.rows)]));
}
