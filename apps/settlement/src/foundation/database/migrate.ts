import { Migrator, type Migration } from "kysely/migration";
import type { Database } from "./database.ts";

/**
 * Brings the database to the newest layout; kysely's own lock lets several processes start at once.
 */
export async function migrate(db: Database, migrations: Readonly<Record<string, Migration>>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw error instanceof Error ? error : new Error("The database could not be migrated.", { cause: error });
}
