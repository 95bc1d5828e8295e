import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { APPLY_GROUP_SQL } from "./apply-group-sql.ts";
import { LOG_APPEND_SQL } from "./ledger-log-tables.ts";
import { GUARD_ENTRIES_SQL } from "./ledger-tables.ts";
import { OPEN_ACCOUNTS_SQL, OPEN_AND_APPLY_SQL } from "./open-accounts-sql.ts";

/**
 * The same rule for ids as before, at a small part of its cost: a counted repetition in a pattern is
 * tried again for every count.
 */
const CHECKS = [
  ["ledger_accounts", "id"],
  ["ledger_accounts", "chart"],
  ["ledger_transfers", "id"],
].flatMap(([table, column]) => [
  `alter table ${table} drop constraint ${table}_${column}_check`,
  `alter table ${table} add constraint ${table}_${column}_check
    check (length(${column}) between 1 and 160 and ${column} !~ '[^!-~]')`,
]);

/** Makes the cost of a group independent of how many are stored. */
export const flatBooksMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const functions = [GUARD_ENTRIES_SQL, OPEN_ACCOUNTS_SQL, ...APPLY_GROUP_SQL, OPEN_AND_APPLY_SQL, LOG_APPEND_SQL];
    for (const statement of [...CHECKS, ...functions]) {
      await sql.raw(statement).execute(db);
    }
  },
};
