import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What one person moved without a second one, kept for a day (spec §6.11). */
const statements = [
  `create table movements_alone (
    number bigint generated always as identity primary key,
    person text not null, units bigint not null check (units >= 0), at timestamptz not null)`,
  `create index movements_alone_by_person on movements_alone (person, at)`,
  `create index movements_alone_by_time on movements_alone (at)`,
];

export const movementsAlone: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
