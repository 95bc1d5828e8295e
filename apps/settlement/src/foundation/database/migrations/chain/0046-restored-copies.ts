import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Up to which block a person has accepted that the chain knows more than the database, by raising
 * `restoreGeneration` after a copy was restored (spec §6.14). The greatest number stands for the
 * newest block, until a start has asked which one that is.
 */
export const restoredCopies: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table installation add column accepted_block bigint not null default 0`.execute(db);
  },
};
