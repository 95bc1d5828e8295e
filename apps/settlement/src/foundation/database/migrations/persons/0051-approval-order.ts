import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** In which order things were asked for that were asked for in one millisecond; the database counts. */
export const approvalOrder: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table approvals add column number bigint generated always as identity`.execute(db);
  },
};
