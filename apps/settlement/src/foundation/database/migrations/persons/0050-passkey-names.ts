import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What a person calls a passkey, so that it finds the one to remove; null of those from before. */
const statements = [`alter table passkeys add column name text check (length(name) between 1 and 64)`];

export const passkeyNames: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
