import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** When something new came to what an alarm is about, so that one that is acknowledged is told anew (spec §6.14). */
const statements = [
  `alter table alarm_tellings add column failing_since timestamptz`,
  // Base units; and when it became another one, or a greater one.
  `alter table money_faults add column extent numeric, add column renewed_at timestamptz`,
];

export const newestOccurrences: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
