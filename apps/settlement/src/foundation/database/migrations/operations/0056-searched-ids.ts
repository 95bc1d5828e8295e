import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What the console's search looks up besides keys. */
const statements = [
  `create index batches_by_ledger_root on batches (ledger_root)`,
  `create index batches_by_batch_root on batches (batch_root)`,
  `create index order_reports_by_name on order_reports (order_name text_pattern_ops)`,
];

export const searchedIds: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
