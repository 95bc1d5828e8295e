import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Accounts of an identity provider that come in no more, by a keyed hash and no name. */
const statements = [
  `create table barred_accounts (
    hash bytea primary key check (length(hash) = 32), barred_at timestamptz not null)`,
];

export const barredAccounts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
