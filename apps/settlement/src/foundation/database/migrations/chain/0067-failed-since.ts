import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** When an action was refused, or failed, for the first time of a row of tries; nobody wrote it before. */
export const failedSince: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table chain_actions add column failed_since timestamptz`.execute(db);
  },
};
