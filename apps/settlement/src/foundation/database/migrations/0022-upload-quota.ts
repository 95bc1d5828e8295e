import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What each upload brought, so that what one terminal brings in a day can be bounded. */
export const uploadQuota: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table receipts
      add column body_bytes integer not null default 0,
      add column refused_entries integer not null default 0`.execute(db);
  },
};
