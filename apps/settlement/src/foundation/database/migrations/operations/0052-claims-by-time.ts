import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The newest claims of stations are found without sorting all of them. */
export const claimsByTime: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index reference_claims_by_time on reference_claims (claimed_at, reference)`.execute(db);
  },
};
