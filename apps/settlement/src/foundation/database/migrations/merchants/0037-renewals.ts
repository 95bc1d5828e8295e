import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * A renewed certificate keeps its first notBefore, so that its length does not show for how long it
 * was renewed; null where a person had it made.
 */
export const renewals: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table terminals add column renewed_seconds bigint check (renewed_seconds >= 0)`.execute(db);
  },
};
