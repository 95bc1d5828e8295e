import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Which master key a card's keys are of, by its check value; null where no station has said it. */
export const cardMasterKeys: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table cards add column master_key text
      constraint cards_master_key check (master_key ~ '^[0-9A-F]{6}$')`.execute(db);
    await sql`create index cards_by_master_key on cards (master_key, card_index)`.execute(db);
  },
};
