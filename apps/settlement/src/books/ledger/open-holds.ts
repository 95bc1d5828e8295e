import { sql } from "kysely";
import type { LedgerConnection } from "./postgres-ledger.ts";

/** Those of these holds that are there and have not ended, as the connection's transaction sees them. */
export async function openHolds(connection: LedgerConnection, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select h.id from ledger_transfers h
    where h.id = any (${[...ids]}::text[]) and h.kind = 'hold'
      and not exists (select from ledger_transfers e where e.target = h.id)
    order by h.id`.execute(connection);
  return rows.map(({ id }) => id);
}
