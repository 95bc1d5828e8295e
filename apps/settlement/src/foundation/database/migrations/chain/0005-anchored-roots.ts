import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Batches say how many entries of the ledger's log stand under the root they carry; those of before
 * carry none.
 */
export const anchoredRoots: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw(`alter table batches add column ledger_size bigint check (ledger_size > 0)`).execute(db);
    await sql
      .raw(`create index chain_events_settled on chain_events ((detail->>'payloadHash')) where kind = 'settled'`)
      .execute(db);
  },
};
