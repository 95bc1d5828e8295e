import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { APPLY_GROUP_SQL } from "./apply-group-sql.ts";
import { LOG_APPEND_SQL } from "./ledger-log-tables.ts";

/**
 * The same rules with fewer indexes to keep. An operation's two entries are written by one statement
 * (`ledger_guard_entries`), so that one of them need be unique; what is not in the log yet is found by
 * its place in the history, which `ledger_transfers` knows of each id.
 */
const STATEMENTS = [
  // The strongest lock of each table at once, and in the order in which a posting takes them: whoever
  // posts meanwhile waits, and holds nothing that is waited for here.
  "lock table ledger_transfers, ledger_unlogged, ledger_entries in access exclusive mode",
  "alter table ledger_unlogged drop constraint ledger_unlogged_transfer_key",
  "alter table ledger_entries drop constraint ledger_entries_transfer_side_key",
  "create unique index ledger_entries_once on ledger_entries (transfer) where side = 'debit'",
  ...[LOG_APPEND_SQL, ...APPLY_GROUP_SQL],
  // A payment changes its accounts' totals in place: where their page has room, no index is touched.
  "alter table ledger_accounts set (fillfactor = 50)",
];

export const leanGroupsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
