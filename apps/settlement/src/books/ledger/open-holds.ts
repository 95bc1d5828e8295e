import { sql } from "kysely";
import type { LedgerConnection } from "./postgres-ledger.ts";

/** Those of these holds that are there and have not ended, as the connection's transaction sees them. */
export async function openHolds(connection: LedgerConnection, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select named.id from unnest(${[...ids]}::text[]) named (id)
    cross join lateral (select h.kind from ledger_transfers h where h.id = named.id offset 0) h
    where h.kind = 'hold'
      and (select true from ledger_transfers e where e.target = named.id limit 1) is null
    order by named.id collate "C"`.execute(connection);
  return rows.map(({ id }) => id);
}
