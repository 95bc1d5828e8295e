import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { APPLY_GROUP_SQL } from "./apply-group-sql.ts";
import { LOG_APPEND_SQL } from "./ledger-log-tables.ts";
import { GUARD_ENTRIES_SQL, GUARD_TRANSFERS_SQL } from "./ledger-tables.ts";
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

/** One check of all rows at once takes the place of three foreign keys for each. */
const GUARDS = [
  ...["debit_asset", "credit_asset", "target"].map(
    (columns) => `alter table ledger_transfers drop constraint ledger_transfers_${columns}_fkey`,
  ),
  GUARD_TRANSFERS_SQL,
  `create trigger ledger_transfers_name_what_is after insert on ledger_transfers
    referencing new table as added for each statement execute function ledger_guard_transfers()`,
];

/** Makes the cost of a group independent of how many are stored. */
export const flatBooksMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const functions = [GUARD_ENTRIES_SQL, OPEN_ACCOUNTS_SQL, ...APPLY_GROUP_SQL, OPEN_AND_APPLY_SQL, LOG_APPEND_SQL];
    for (const statement of [...CHECKS, ...GUARDS, ...functions]) {
      await sql.raw(statement).execute(db);
    }
  },
};
