import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * When the vault was summed last (spec §6.14): what is not known to be there is not known to be
 * missing either, so that a watch that sees nothing must show.
 */
const statements = [
  `create table money_sums (
    singleton boolean primary key default true check (singleton),
    begun_at timestamptz not null,
    summed_at timestamptz,
    block_number bigint,
    failure text)`,
];

export const moneySums: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
