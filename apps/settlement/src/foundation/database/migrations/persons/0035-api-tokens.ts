import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Bearer tokens that were made while the service runs; the tokens themselves are kept nowhere. */
export const apiTokens: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table api_tokens (
      id uuid primary key, hash bytea not null unique, name text not null, role text not null, made_by text not null,
      made_at timestamptz not null, ends_at timestamptz not null, revoked_at timestamptz)`.execute(db);
    await sql`create index api_tokens_by_name on api_tokens (name)`.execute(db);
  },
};
