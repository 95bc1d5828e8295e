import type { Balance, TransferRecord } from "@tallystick/ledger-core";
import { sql } from "kysely";
import {
  BALANCE_COLUMNS,
  balanceOf,
  transferOf,
  type BalanceRow,
  type EntryRow,
  type TransferRow,
} from "../ledger/ledger-rows.ts";
import type { LedgerConnection } from "../ledger/postgres-ledger.ts";
import { STATEMENT_PAGE } from "./limits.ts";

/** What one operation did to one account, with the operation's place in the log. */
export interface SealedEntry {
  readonly account: string;
  readonly version: bigint;
  readonly side: "debit" | "credit";
  readonly bookedAtMs: number;
  /** The account's totals after it. */
  readonly balance: Balance;
  /** Its place in the log, from 0. */
  readonly index: number;
  readonly record: TransferRecord;
}

/** The newest entry of an account before a millisecond: its version, 0 where there is none, and the totals after it. */
export async function lastBefore(
  connection: LedgerConnection,
  account: string,
  atMs: number,
): Promise<{ readonly version: bigint; readonly balance: Balance }> {
  const { rows } = await sql<BalanceRow & { readonly version: string }>`
    select version::text, ${BALANCE_COLUMNS} from ledger_entries
    where account = ${account} and booked_at_ms < ${atMs}::bigint order by ledger_entries.version desc limit 1`.execute(
    connection,
  );
  const [row] = rows;
  const empty = { debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n };
  return row === undefined
    ? { version: 0n, balance: empty }
    : { version: BigInt(row.version), balance: balanceOf(row) };
}

/** The version before the first entry after which an account's debits came to more than this. */
export async function versionOfDebits(connection: LedgerConnection, account: string, above: bigint): Promise<bigint> {
  const { rows } = await sql<{ readonly version: string }>`
    select version::text from ledger_entries
    where account = ${account} and debits_posted > ${above.toString()}::bigint order by ledger_entries.version limit 1`.execute(
    connection,
  );
  return BigInt(rows[0]?.version ?? 1) - 1n;
}

type Row = EntryRow & Omit<TransferRow, "id"> & { readonly position: string | null };

/**
 * An account's entries behind a version, in their order, which is that of the log: it ends before
 * the first one that is not among the log's first `size` entries. Nothing that it reads ever
 * changes, so that it needs no transaction; it keeps one page in memory.
 */
export async function* sealedEntries(
  connection: LedgerConnection,
  account: string,
  { after, size }: { readonly after: bigint; readonly size: number },
): AsyncGenerator<SealedEntry> {
  for (let version = after; ;) {
    const { rows } = await sql<Row>`
      select e.account, e.version::text, e.transfer, e.side, e.booked_at_ms::text, e.debits_posted::text,
        e.credits_posted::text, e.debits_pending::text, e.credits_pending::text, l.position::text,
        t.kind, t.asset, t.debit, t.credit, t.amount::text, t.target, t.expires_at_ms::text, t.at_ms::text, t.fingerprint
      from (select * from ledger_entries where account = ${account} and version > ${version.toString()}::bigint
        order by version limit ${STATEMENT_PAGE}::int) e
      cross join lateral (select x.* from ledger_transfers x where x.id = e.transfer offset 0) t
      left join lateral (select x.position from ledger_log_entries x where x.transfer = e.transfer offset 0) l on true
      order by e.version`.execute(connection);
    for (const row of rows) {
      if (row.position === null || Number(row.position) >= size) return;
      version = BigInt(row.version);
      const { account: of, side } = row;
      yield {
        ...{ account: of, version, side, bookedAtMs: Number(row.booked_at_ms), balance: balanceOf(row) },
        ...{ index: Number(row.position), record: transferOf({ ...row, id: row.transfer }) },
      };
    }
    if (rows.length < STATEMENT_PAGE) return;
  }
}
