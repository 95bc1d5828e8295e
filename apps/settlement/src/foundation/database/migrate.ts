import { ProgramError } from "@tallystick/program";
import { sql } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { LIMITS } from "../limits/limits.ts";
import type { Database } from "./database.ts";

/** A newer program has brought the database to a layout that this one does not know. */
export class DatabaseNewer extends ProgramError {
  override readonly name = "DatabaseNewer";

  constructor(unknown: readonly string[]) {
    super("DATABASE_NEWER", `The database has changes that this program does not know: ${unknown.join(", ")}.`, {
      exit: "store",
      next: "Start the newer program again, or restore a copy of the database from before it.",
    });
  }
}

/**
 * Brings the database to the newest layout; kysely's own lock lets several processes start at once.
 * What meets a program at work in a ring of locks begins again.
 * Throws DatabaseNewer.
 */
export async function migrate(db: Database, migrations: Readonly<Record<string, Migration>>): Promise<void> {
  const unknown = (await madeMigrations(db)).filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length > 0) throw new DatabaseNewer(unknown);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  for (let attempt = 1; ; attempt += 1) {
    const { error } = await migrator.migrateToLatest();
    if (error === undefined) return;
    if (isDeadlock(error) && attempt < LIMITS.transactionAttempts) continue;
    throw error instanceof Error ? error : new Error("The database could not be migrated.", { cause: error });
  }
}

/** It met a transaction of a program that is at work, and nothing was changed. */
function isDeadlock(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "40P01";
}

/** Names of the changes that were made; none in a new database. */
export async function madeMigrations(db: Database): Promise<readonly string[]> {
  const table = await sql<{ made: boolean }>`select to_regclass('kysely_migration') is not null as made`.execute(db);
  if (table.rows[0]?.made !== true) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}
