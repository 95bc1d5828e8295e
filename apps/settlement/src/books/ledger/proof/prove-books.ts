import { entryBytes, leafHash, LogFrontier } from "@tallystick/ledger-core";
import { ProgramError } from "@tallystick/program";
import { equalBytes, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../../../foundation/database/database.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { transferOf, type TransferRow } from "../ledger-rows.ts";

/** The books are not what their operations, or their log, make of them. */
export class BooksBroken extends ProgramError {
  override readonly name = "BooksBroken";

  constructor(code: "BALANCE_BROKEN" | "LOG_BROKEN", message: string) {
    super(code, message, { exit: "store", next: "Use another copy, and keep this one: somebody has changed it." });
  }
}

/** What was proved of the books. */
export interface BooksProof {
  readonly accounts: number;
  readonly operations: number;
}

/** What was proved of the log of the books. */
export interface LogProof {
  readonly size: number;
  readonly root: string;
  /** Kept heads that were computed anew. */
  readonly heads: number;
}

/**
 * What every operation did to its two accounts, added up in the order of their versions: must be each
 * entry's running balance, and the last one the account's.
 */
const REPLAY = sql`
  with moved as (
    select e.*,
      case when t.kind in ('transfer', 'post', 'reverse') then t.amount else 0 end as posted,
      case t.kind when 'hold' then t.amount when 'post' then -h.amount when 'void' then -h.amount
        when 'expire' then -h.amount else 0 end as pending,
      e.account = case e.side when 'debit' then t.debit else t.credit end as named
    from ledger_entries e
    left join ledger_transfers t on t.id = e.transfer
    left join ledger_transfers h on h.id = t.target),
  replayed as (
    select account, version, named, debits_posted, credits_posted, debits_pending, credits_pending,
      row_number() over w as place,
      lead(version) over (partition by account order by version) is null as last,
      sum(case side when 'debit' then posted else 0 end) over w as sum_debits_posted,
      sum(case side when 'credit' then posted else 0 end) over w as sum_credits_posted,
      sum(case side when 'debit' then pending else 0 end) over w as sum_debits_pending,
      sum(case side when 'credit' then pending else 0 end) over w as sum_credits_pending
    from moved window w as (partition by account order by version rows unbounded preceding))`;

/**
 * Replays every operation of the books: each entry's running balance and each account's balance must
 * be what the operations before it make, debits equal credits for every asset, and no operation may
 * lack an entry. Throws BooksBroken.
 */
export async function proveBooks(db: Database | DatabaseTransaction): Promise<BooksProof> {
  const { rows: faulty } = await sql<{ what: string }>`${REPLAY}
    select what from (
      select 'entry ' || version || ' of ' || account as what from replayed
      where named is not true or place <> version
        or (debits_posted, credits_posted, debits_pending, credits_pending) is distinct from
          (sum_debits_posted, sum_credits_posted, sum_debits_pending, sum_credits_pending)
      union all
      select 'account ' || a.id from ledger_accounts a
      left join replayed r on r.account = a.id and r.last
      where (a.version, a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending) is distinct from
        (coalesce(r.version, 0), coalesce(r.debits_posted, 0), coalesce(r.credits_posted, 0),
          coalesce(r.debits_pending, 0), coalesce(r.credits_pending, 0))
      union all
      select 'operation ' || t.id from ledger_transfers t
      left join (select transfer, count(*) as sides from ledger_entries group by transfer) e on e.transfer = t.id
      where e.sides is distinct from 2
      union all
      select 'asset ' || asset from ledger_accounts
      group by asset having sum(debits_posted) <> sum(credits_posted)) f
    limit 1`.execute(db);
  const [fault] = faulty;
  if (fault !== undefined)
    throw new BooksBroken("BALANCE_BROKEN", `The books do not follow from their operations: ${fault.what}.`);
  const { rows } = await sql<{ accounts: string; operations: string }>`
    select (select count(*) from ledger_accounts)::text as accounts,
      (select count(*) from ledger_transfers)::text as operations`.execute(db);
  return { accounts: Number(rows[0]?.accounts ?? 0), operations: Number(rows[0]?.operations ?? 0) };
}

/**
 * Computes the log of the books anew from the operations themselves, and compares every head that was
 * kept: those are what batches anchor on the chain. Throws BooksBroken.
 */
export async function proveLog(db: Database | DatabaseTransaction): Promise<LogProof> {
  const heads = await keptHeads(db);
  const frontier = await LogFrontier.read(0, async () => await Promise.resolve([]));
  let compared = 0;
  for (let rows = await entriesFrom(db, 0); rows.length > 0; rows = await entriesFrom(db, frontier.size)) {
    for (const row of rows) {
      if (Number(row.position) !== frontier.size)
        throw new BooksBroken("LOG_BROKEN", `The log has no entry ${frontier.size}.`);
      frontier.append([leafHash(entryBytes(transferOf(row)))]);
      const kept = heads.get(frontier.size);
      if (kept === undefined) continue;
      if (!equalBytes(kept, frontier.root()))
        throw new BooksBroken(
          "LOG_BROKEN",
          `The first ${frontier.size} operations do not make the root ${toHex(kept)} that the log had then.`,
        );
      compared += 1;
    }
  }
  if (compared !== heads.size)
    throw new BooksBroken("LOG_BROKEN", `The log ends at ${frontier.size} entries, and heads beyond it were kept.`);
  return { size: frontier.size, root: toHex(frontier.root()), heads: compared };
}

async function keptHeads(db: Database | DatabaseTransaction): Promise<ReadonlyMap<number, Uint8Array>> {
  const { rows } = await sql<{ size: string; root: Uint8Array }>`
    select size::text, root from ledger_log_heads`.execute(db);
  return new Map(rows.map(({ size, root }) => [Number(size), root]));
}

async function entriesFrom(
  db: Database | DatabaseTransaction,
  from: number,
): Promise<readonly (TransferRow & { position: string })[]> {
  const { rows } = await sql<TransferRow & { position: string }>`
    select l.position::text, t.id, t.kind, t.asset, t.debit, t.credit, t.amount::text, t.target,
      t.expires_at_ms::text, t.at_ms::text, t.fingerprint
    from ledger_log_entries l join ledger_transfers t on t.id = l.transfer
    where l.position >= ${from}::bigint order by l.position limit ${LIMITS.journalPageSteps}::int`.execute(db);
  return rows;
}
