import {
  accountDiffers,
  assertAccountSpecs,
  assertGroup,
  assertPageSize,
  assertTimeMs,
  assertVersion,
  differenceOf,
  fingerprintOf,
  LedgerError,
  plainOperation,
  refusal,
  type Account,
  type AccountSpec,
  type Balance,
  type ChartTotal,
  type DueHold,
  type Entry,
  type EntryPage,
  type Group,
  type GroupOutcome,
  type JournalRecord,
  type LedgerEngine,
  type LedgerLog,
  type OpenOutcome,
  type OperationResult,
  type RefusalCode,
  type TransferRecord,
} from "@tallystick/ledger-core";
import { sql, type Kysely, type RawBuilder } from "kysely";
import {
  accountOf,
  balanceOf,
  BALANCE_COLUMNS,
  entryOf,
  transferOf,
  type AccountRow,
  type BalanceRow,
  type ChartRow,
  type DueHoldRow,
  type EntryRow,
  type OutcomeRow,
  type TransferRow,
} from "./ledger-rows.ts";
import { PostgresLog } from "./postgres-log.ts";
import { readJournal } from "./read-journal.ts";

/** Whatever can run a statement: the database itself, or one transaction of it. */
export type LedgerConnection = Pick<Kysely<unknown>, "getExecutor">;

/** What the books in PostgreSQL do besides, to save a way to the server. */
export interface LedgerOpening {
  /** Opens the accounts that are not there, and applies the group; all of it or none. */
  openAndApply(specs: readonly AccountSpec[], group: Group): Promise<GroupOutcome | Refused<OpenOutcome>>;
}

type Refused<Outcome> = Extract<Outcome, { readonly ok: false }>;

/**
 * The books in PostgreSQL. On a database every group is a transaction of its own; on a transaction
 * the group joins it, so that an event and its posting are stored together or not at all. One group
 * is one statement. A refusal writes nothing and leaves the caller's transaction usable; a thrown
 * error ends it.
 *
 * The connection must be at PostgreSQL's default level, read committed: accounts are locked in the
 * order of their ids, so single groups never wait for each other in a ring. Several groups in one
 * transaction must name accounts in an order that all callers share.
 */
export function createPostgresLedger(connection: LedgerConnection): LedgerEngine & LedgerOpening {
  return new PostgresLedger(connection);
}

class PostgresLedger implements LedgerEngine, LedgerOpening {
  readonly #connection: LedgerConnection;
  readonly log: LedgerLog;

  constructor(connection: LedgerConnection) {
    this.#connection = connection;
    this.log = new PostgresLog((query) => this.#rows(query));
  }

  async openAccounts(specs: readonly AccountSpec[]): Promise<OpenOutcome> {
    assertAccountSpecs(specs);
    if (specs.length === 0) return { ok: true, results: [] };
    const rows = await this.#rows<{ account: string; outcome: string }>(
      sql`select account, outcome from ledger_open_accounts(${specsInput(specs)}::jsonb)`,
    );
    const differing = rows.find(({ outcome }) => outcome === "differs");
    if (differing !== undefined) return accountDiffers(differing.account);
    const outcomes = new Map(rows.map(({ account, outcome }) => [account, resultOf(outcome)]));
    return { ok: true, results: specs.map(({ id }) => outcomes.get(id) ?? missing(id)) };
  }

  async apply(group: Group): Promise<GroupOutcome> {
    assertGroup(group);
    const rows = await this.#rows<OutcomeRow>(
      sql`select place, outcome, account from ledger_apply(${groupInput(group)}::jsonb, ${group.atMs}::bigint)`,
    );
    return this.#outcomeOf(group, rows);
  }

  async openAndApply(specs: readonly AccountSpec[], group: Group): Promise<GroupOutcome | Refused<OpenOutcome>> {
    assertAccountSpecs(specs);
    assertGroup(group);
    const rows = await this.#rows<OutcomeRow>(sql`
      select place, outcome, account
      from ledger_open_and_apply(${specsInput(specs)}::jsonb, ${groupInput(group)}::jsonb, ${group.atMs}::bigint)`);
    const differing = rows.find(({ outcome }) => outcome === "ACCOUNT_DIFFERS");
    if (differing !== undefined) return accountDiffers(differing.account ?? "");
    return this.#outcomeOf(group, rows);
  }

  async #outcomeOf(group: Group, rows: readonly OutcomeRow[]): Promise<GroupOutcome> {
    const fault = rows.find(({ outcome }) => outcome !== "created" && outcome !== "exists");
    if (fault !== undefined) return await this.#refusalOf(group, fault);
    return { ok: true, results: rows.map(({ outcome }) => resultOf(outcome)) };
  }

  async #refusalOf(group: Group, { place, outcome, account }: OutcomeRow): Promise<GroupOutcome> {
    const operation = place === null ? undefined : group.operations[place];
    if (outcome !== "EXISTS_WITH_DIFFERENT" || operation === undefined) {
      return refusal(outcome as RefusalCode, { index: place, account });
    }
    const stored = (await this.transfer(operation.id)) ?? missing(operation.id);
    return refusal(differenceOf(plainOperation(operation), stored), { index: place });
  }

  async account(id: string): Promise<Account | null> {
    const [row] = await this.#rows<AccountRow>(
      sql`select id, chart, asset, normal_side, fall_limit, version::text, ${BALANCE_COLUMNS}
          from ledger_accounts where id = ${id}`,
    );
    return row === undefined ? null : accountOf(row);
  }

  async balanceAt(id: string, atMs: number): Promise<Balance | null> {
    assertTimeMs("atMs", atMs);
    const [row] = await this.#rows<BalanceRow>(sql`
      select coalesce(e.debits_posted, 0)::text as debits_posted, coalesce(e.credits_posted, 0)::text as credits_posted,
        coalesce(e.debits_pending, 0)::text as debits_pending, coalesce(e.credits_pending, 0)::text as credits_pending
      from ledger_accounts a
      left join lateral (
        select * from ledger_entries where account = a.id and booked_at_ms <= ${atMs}::bigint
        order by version desc limit 1) e on true
      where a.id = ${id}`);
    return row === undefined ? null : balanceOf(row);
  }

  async entries(account: string, { afterVersion, limit }: EntryPage): Promise<readonly Entry[]> {
    assertVersion(afterVersion);
    assertPageSize(limit);
    const rows = await this.#rows<EntryRow>(sql`
      select account, version::text, transfer, side, booked_at_ms::text, ${BALANCE_COLUMNS}
      from ledger_entries where account = ${account} and version > ${afterVersion}::bigint
      order by ledger_entries.version limit ${limit}::int`);
    return rows.map(entryOf);
  }

  async transfer(id: string): Promise<TransferRecord | null> {
    const [row] = await this.#rows<TransferRow>(sql`
      select id, kind, asset, debit, credit, amount::text, target, expires_at_ms::text, at_ms::text, fingerprint
      from ledger_transfers where id = ${id}`);
    return row === undefined ? null : transferOf(row);
  }

  async dueHolds({ atMs, limit }: { atMs: number; limit: number }): Promise<readonly DueHold[]> {
    assertTimeMs("atMs", atMs);
    assertPageSize(limit);
    const rows = await this.#rows<DueHoldRow>(sql`
      select h.id, h.expires_at_ms::text from ledger_transfers h
      where h.expires_at_ms <= ${atMs}::bigint
        and not exists (select from ledger_transfers e where e.target = h.id)
      order by h.expires_at_ms, h.id limit ${limit}::int`);
    return rows.map((row) => ({ id: row.id, expiresAtMs: Number(row.expires_at_ms) }));
  }

  async chartTotals(): Promise<readonly ChartTotal[]> {
    const rows = await this.#rows<ChartRow>(sql`
      select chart, asset, count(*)::text as accounts,
        sum(debits_posted)::text as debits_posted, sum(credits_posted)::text as credits_posted,
        sum(debits_pending)::text as debits_pending, sum(credits_pending)::text as credits_pending
      from ledger_accounts group by chart, asset order by chart, asset`);
    return rows.map((row) => ({
      chart: row.chart,
      asset: row.asset,
      accounts: Number(row.accounts),
      balance: balanceOf(row),
    }));
  }

  async *exportJournal(): AsyncIterable<JournalRecord> {
    yield* readJournal((query) => this.#rows(query));
  }

  async #rows<Row>(query: RawBuilder<unknown>): Promise<Row[]> {
    try {
      // A connection of any schema runs raw statements: their rows are typed here.
      const { rows } = await (query as RawBuilder<Row>).execute(this.#connection);
      return rows;
    } catch (error) {
      if (isConcurrentChange(error)) {
        throw new LedgerError(
          "CONCURRENT_CHANGE",
          "Another caller changed the same operations meanwhile; give the group again.",
        );
      }
      throw error;
    }
  }
}

/**
 * unique_violation, serialization_failure, deadlock_detected, and our own code for accounts opened
 * twice at once.
 */
const concurrentStates: readonly unknown[] = ["23505", "40001", "40P01", "TL003"];

function isConcurrentChange(error: unknown): boolean {
  return error instanceof Error && "code" in error && concurrentStates.includes(error.code);
}

function resultOf(outcome: string): OperationResult {
  if (outcome !== "created" && outcome !== "exists") throw new Error(`The database answered ${outcome}.`);
  return outcome;
}

/** Accounts as `ledger_open_accounts` takes them. */
function specsInput(specs: readonly AccountSpec[]): string {
  return JSON.stringify(
    specs.map(({ id, chart, asset, normalSide, limit }) => ({
      ...{ id, chart, asset },
      normal_side: normalSide,
      fall_limit: limit,
    })),
  );
}

/** A group's operations as `ledger_apply` takes them: a field that is not there is null. */
function groupInput(group: Group): string {
  return JSON.stringify(
    group.operations.map(plainOperation).map((operation, place) => ({
      ...{ place, kind: operation.kind, id: operation.id },
      debit: operation.debit ?? undefined,
      credit: operation.credit ?? undefined,
      amount: operation.amount?.toString(),
      target: operation.target ?? undefined,
      expires_at_ms: operation.expiresAtMs ?? undefined,
      partial: operation.kind === "post" && operation.amount !== null,
      fingerprint: `\\x${Buffer.from(fingerprintOf(operation)).toString("hex")}`,
    })),
  );
}

function missing(id: string): never {
  throw new Error(`The database answered nothing about ${id}.`);
}
