import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * When a replaced card was seen empty for good (spec §6.10). Whoever is done without that was ended by a version that did
 * not look: its card is looked at once more.
 */
export const emptiedCards: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table replacements add column emptied_at timestamptz`.execute(db);
    await sql`create index replacements_not_emptied on replacements (next_look_at) where emptied_at is null`.execute(
      db,
    );
  },
};
