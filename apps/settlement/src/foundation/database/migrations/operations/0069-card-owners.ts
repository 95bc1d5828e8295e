import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The console's search finds cards by their owner. */
export const cardOwners: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index cards_by_owner on cards (owner)`.execute(db);
  },
};
