import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The queues are counted and summed from an index alone, and the newest reversals are read from one. */
const statements = [
  `create index vouchers_open on vouchers (state) include (amount_units, received_at)
    where state not in ('final', 'compensated')`,
  `drop index vouchers_by_state`,
  `create index reversals_by_arrival on cancellations (received_at)`,
];

export const openWork: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
