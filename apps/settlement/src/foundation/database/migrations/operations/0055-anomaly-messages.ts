import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Which messages of a card an anomaly was found by: its case shows them, whatever comes later. */
export const anomalyMessages: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table anomalies add column messages bytea[]`.execute(db);
  },
};
