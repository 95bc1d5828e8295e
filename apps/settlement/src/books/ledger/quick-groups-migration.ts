import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { APPLY_GROUP_SQL } from "./apply-group-sql.ts";
import { GUARD_ENTRIES_SQL, GUARD_TRANSFERS_SQL } from "./ledger-tables.ts";

/**
 * The same rules with fewer looks at what is stored: each account of a group once, each id once, and
 * none for what nothing names.
 */
export const quickGroupsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const old = "drop function if exists ledger_settle_steps(ledger_step[], text[])";
    for (const statement of [GUARD_TRANSFERS_SQL, GUARD_ENTRIES_SQL, ...APPLY_GROUP_SQL, old])
      await sql.raw(statement).execute(db);
  },
};
