import { Migrator, type Migration } from "kysely/migration";
import type { Database } from "./database.ts";
import { ledgerLogMigration } from "../ledger/ledger-log-migration.ts";
import { ledgerMigration } from "../ledger/ledger-migration.ts";
import { first } from "./migrations/0001-first.ts";
import { refunds } from "./migrations/0003-refunds.ts";
import { anchoredRoots } from "./migrations/0005-anchored-roots.ts";
import { vaultState } from "./migrations/0006-vault-state.ts";

const migrations: Record<string, Migration> = {
  "0001-first": first,
  "0002-ledger": ledgerMigration,
  "0003-refunds": refunds,
  "0004-ledger-log": ledgerLogMigration,
  "0005-anchored-roots": anchoredRoots,
  "0006-vault-state": vaultState,
};

/** Brings the database to the newest layout; kysely's own lock lets several processes start at once. */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw error instanceof Error ? error : new Error("The database could not be migrated.", { cause: error });
}
