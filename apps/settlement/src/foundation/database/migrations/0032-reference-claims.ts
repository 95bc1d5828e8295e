import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Which station makes the card of a reference, so that several work at one order. */
export const referenceClaims: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table reference_claims (
      reference text primary key, station text not null, operator text, claimed_at timestamptz not null)`.execute(db);
  },
};
