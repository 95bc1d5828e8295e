import { sql } from "kysely";
import type { Database } from "../../../src/foundation/database/database.ts";
import { eventually } from "../eventually.ts";

/** Begins the work, and comes back when a transaction of the database waits for a row, or the work has ended. */
export async function begun(db: Database, work: () => Promise<unknown>): Promise<{ readonly end: Promise<unknown> }> {
  let ended = false;
  const end = work().finally(() => (ended = true));
  const someoneWaits = async (): Promise<boolean> => {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    return rows.length > 0;
  };
  await eventually(
    async () => ended || (await someoneWaits()),
    (seen) => seen,
  );
  return { end };
}
