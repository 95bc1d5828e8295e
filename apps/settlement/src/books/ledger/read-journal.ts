import type { AccountSpec, JournalRecord, Operation } from "@tallystick/ledger-core";
import { sql, type RawBuilder } from "kysely";

/** Steps of the history read at a time. */
const PAGE_STEPS = 1_000;

interface AccountLine {
  readonly history: string;
  readonly id: string;
  readonly chart: string;
  readonly asset: string;
  readonly normal_side: AccountSpec["normalSide"];
  readonly fall_limit: AccountSpec["limit"];
}

interface OperationLine {
  readonly history: string;
  readonly at_ms: string;
  readonly kind: Operation["kind"];
  readonly id: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly target: string | null;
  readonly expires_at_ms: string | null;
  readonly partial: boolean;
}

type RunQuery = <Row>(query: RawBuilder<unknown>) => Promise<Row[]>;

/**
 * The history in the order of its numbers. Numbers are drawn while the accounts are locked, so that
 * for every account they are the order in which its entries were written.
 */
export async function* readJournal(run: RunQuery): AsyncIterable<JournalRecord> {
  for (let after = 0n; ;) {
    const steps = await run<{ history: string }>(sql`
      select history::text from (
        select history from ledger_accounts where history > ${after.toString()}::bigint
        union select history from ledger_transfers where history > ${after.toString()}::bigint) h
      order by h.history limit ${PAGE_STEPS}::int`);
    const last = steps.at(-1);
    if (last === undefined) return;
    const range = { after, upTo: BigInt(last.history) };
    yield* mergePage(await readAccounts(run, range), await readOperations(run, range));
    after = range.upTo;
  }
}

interface HistoryRange {
  readonly after: bigint;
  readonly upTo: bigint;
}

async function readAccounts(run: RunQuery, { after, upTo }: HistoryRange): Promise<AccountLine[]> {
  return await run(sql`
    select history::text, id, chart, asset, normal_side, fall_limit from ledger_accounts
    where history > ${after.toString()}::bigint and history <= ${upTo.toString()}::bigint order by history`);
}

async function readOperations(run: RunQuery, { after, upTo }: HistoryRange): Promise<OperationLine[]> {
  return await run(sql`
    select history::text, at_ms::text, kind, id, debit, credit, amount::text, target, expires_at_ms::text, partial
    from ledger_transfers
    where history > ${after.toString()}::bigint and history <= ${upTo.toString()}::bigint
    order by ledger_transfers.history, place`);
}

function* mergePage(accounts: readonly AccountLine[], operations: readonly OperationLine[]): Iterable<JournalRecord> {
  const groups = Map.groupBy(operations, ({ history }) => history);
  const opened = new Map(accounts.map((line) => [line.history, line]));
  const numbers = [...groups.keys(), ...opened.keys()].map(BigInt).sort((left, right) => (left < right ? -1 : 1));
  for (const number of numbers) {
    const account = opened.get(String(number));
    if (account !== undefined) yield { kind: "account", account: specOf(account) };
    const lines = groups.get(String(number)) ?? [];
    const [first] = lines;
    if (first !== undefined) {
      yield { kind: "group", group: { atMs: Number(first.at_ms), operations: lines.map(operationOf) } };
    }
  }
}

function specOf({ id, chart, asset, normal_side: normalSide, fall_limit: limit }: AccountLine): AccountSpec {
  return { id, chart, asset, normalSide, limit };
}

/** The operation as its caller gave it. */
function operationOf(line: OperationLine): Operation {
  const { kind, id, debit, credit } = line;
  const amount = BigInt(line.amount);
  const target = line.target ?? "";
  switch (kind) {
    case "transfer":
      return { kind, id, debit, credit, amount };
    case "hold": {
      const expiry = line.expires_at_ms === null ? {} : { expiresAtMs: Number(line.expires_at_ms) };
      return { kind, id, debit, credit, amount, ...expiry };
    }
    case "post":
      return { kind, id, hold: target, ...(line.partial ? { amount } : {}) };
    case "void":
    case "expire":
      return { kind, id, hold: target };
    case "reverse":
      return { kind, id, transfer: target };
  }
}
