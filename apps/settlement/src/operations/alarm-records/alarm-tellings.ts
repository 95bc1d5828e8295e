import type { Database } from "../../foundation/database/database.ts";

/** What came of telling an alarm by one way; times in milliseconds. */
export interface TellingRecord {
  readonly alarm: string;
  readonly way: string;
  /** When it was told last; null where it was not told yet. */
  readonly toldAt: number | null;
  /** Why the last try failed; null where it did not. */
  readonly fault: string | null;
}

/** Tellings of these alarms, by their ways. */
export async function tellingsOf(db: Database, alarms: readonly string[]): Promise<readonly TellingRecord[]> {
  if (alarms.length === 0) return [];
  const rows = await db
    .selectFrom("alarm_tellings")
    .select(["alarm", "way", "told_at", "fault"])
    .where("alarm", "in", alarms)
    .orderBy("way")
    .execute();
  return rows.map(({ told_at, ...row }) => ({ ...row, toldAt: told_at?.getTime() ?? null }));
}
