import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What the deposits of a replacement's rest are of so far: more may come back after the first (spec §6.10). */
export const restUnitsGiven: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table replacements
      add column rest_units bigint not null default 0 check (rest_units >= 0)`.execute(db);
    await sql`update replacements set rest_units = fundings.amount_units
      from fundings where fundings.id = rest_funding`.execute(db);
  },
};
