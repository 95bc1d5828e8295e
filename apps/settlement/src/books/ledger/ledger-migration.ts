import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { APPLY_GROUP_SQL, LEDGER_STEP_SQL } from "./apply-group-sql.ts";
import { LEDGER_GUARDS, LEDGER_TABLES } from "./ledger-tables.ts";
import { OPEN_ACCOUNTS_SQL } from "./open-accounts-sql.ts";

/** Makes the books' tables, guards and functions; needs nothing that is there before. */
export const ledgerMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [
      ...LEDGER_TABLES,
      ...LEDGER_GUARDS,
      OPEN_ACCOUNTS_SQL,
      LEDGER_STEP_SQL,
      ...APPLY_GROUP_SQL,
    ]) {
      await sql.raw(statement).execute(db);
    }
  },
};
