import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { LEDGER_LOG_SQL } from "./ledger-log-tables.ts";

/** Makes the log's tables and function; needs the books' own (`ledgerMigration`). */
export const ledgerLogMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of LEDGER_LOG_SQL) await sql.raw(statement).execute(db);
  },
};
