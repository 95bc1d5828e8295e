import { sql, type Kysely } from "kysely";
import { eventually } from "./eventually.ts";

/** Waits until some statement of this cluster waits for a lock. */
export async function blockedBackend<Schema>(db: Kysely<Schema>): Promise<void> {
  await eventually(
    () => sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'`.execute(db),
    ({ rows }) => rows.length > 0,
  );
}
