import { sql, type Kysely } from "kysely";

const DEADLINE_MS = 30_000;
const PAUSE_MS = 5;

/** Waits until some statement of this cluster waits for a lock. */
export async function blockedBackend<Schema>(db: Kysely<Schema>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const { rows } = await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'`.execute(db);
    if (rows.length > 0) return;
    if (Date.now() > deadline) throw new Error("No statement came to wait for a lock.");
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
