import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * When the first list showed a card revoked, and why a voucher waits for a person. Of cards that
 * were revoked before, nobody knows it: they count as not listed, to the merchant's advantage.
 */
const statements = [
  `alter table cards add column revoked_listed_at timestamptz`,
  `alter table vouchers add column withheld_ground text`,
  `create index vouchers_borne on vouchers (payee, terminal_id)
    where state in ('compensating', 'compensated', 'withheld')`,
  `create index compensations_payee on compensations (payee, created_at)`,
];

export const guarantee: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
