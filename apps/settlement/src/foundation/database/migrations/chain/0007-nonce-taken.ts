import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** An action whose nonce seems to be used by another transaction is checked once more. */
export const nonceTaken: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw(`alter table chain_actions add column nonce_taken boolean not null default false`).execute(db);
  },
};
