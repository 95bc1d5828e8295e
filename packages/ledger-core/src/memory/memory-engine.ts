import { assertAccountSpecs, EMPTY_BALANCE, type Account, type AccountSpec, type Balance } from "../model/account.ts";
import type { EntryPage, LedgerEngine } from "../engine/engine.ts";
import type { JournalRecord } from "../model/journal-record.ts";
import { assertGroup, assertTimeMs, type Group, type Operation } from "../model/operation.ts";
import { accountDiffers, type GroupOutcome, type OpenOutcome, type OperationResult } from "../model/outcome.ts";
import { assertPageSize, assertVersion } from "../model/query.ts";
import type { ChartTotal, DueHold, Entry, TransferRecord } from "../model/record.ts";
import { createMemoryLog } from "./memory-log.ts";
import { planGroup, type GroupPlan, type LedgerView } from "./plan-group.ts";

/** All that a ledger in memory holds. */
interface Store {
  readonly accounts: Map<string, Account>;
  readonly transfers: Map<string, TransferRecord>;
  readonly entries: Map<string, Entry[]>;
  /** What ended a hold or reversed a transfer. */
  readonly successors: Map<string, string>;
  readonly journal: JournalRecord[];
  /** Operations in the order of the history. */
  readonly booked: TransferRecord[];
}

/**
 * A ledger in memory: the plain statement of the rules, which every other engine is compared with.
 * Keeps nothing.
 */
export function createMemoryLedger(): LedgerEngine {
  const store: Store = {
    ...{ accounts: new Map(), transfers: new Map(), entries: new Map(), successors: new Map() },
    ...{ journal: [], booked: [] },
  };
  return {
    openAccounts: async (specs) => openAccounts(store, specs),
    apply: async (group) => apply(store, group),
    account: async (id) => store.accounts.get(id) ?? null,
    balanceAt: async (id, atMs) => balanceAt(store, id, atMs),
    entries: async (account, page) => entriesOf(store, account, page),
    transfer: async (id) => store.transfers.get(id) ?? null,
    dueHolds: async (query) => dueHolds(store, query),
    chartTotals: async () => totalsOf(store.accounts.values()),
    log: createMemoryLog(store.booked),
    async *exportJournal(): AsyncIterable<JournalRecord> {
      yield* [...store.journal];
    },
  };
}

function openAccounts({ accounts, journal }: Store, specs: readonly AccountSpec[]): OpenOutcome {
  assertAccountSpecs(specs);
  for (const spec of specs) {
    const open = accounts.get(spec.id);
    if (open !== undefined && !isSameSpec(open, spec)) return accountDiffers(spec.id);
  }
  const results = specs.map((spec): OperationResult => {
    if (accounts.has(spec.id)) return "exists";
    const account = plainSpec(spec);
    accounts.set(spec.id, { ...account, balance: EMPTY_BALANCE, version: 0 });
    journal.push({ kind: "account", account });
    return "created";
  });
  return { ok: true, results };
}

function apply(store: Store, group: Group): GroupOutcome {
  assertGroup(group);
  const plan = planGroup(viewOf(store), group);
  if (!plan.ok) return plan;
  write(store, plan);
  const operations = group.operations.filter((_, index) => plan.results[index] === "created");
  if (operations.length > 0) {
    store.journal.push({ kind: "group", group: { atMs: group.atMs, operations: copy(operations) } });
  }
  return { ok: true, results: plan.results };
}

function viewOf({ accounts, transfers, entries, successors }: Store): LedgerView {
  return {
    account: (id) => accounts.get(id),
    transfer: (id) => transfers.get(id),
    successor: (id) => successors.get(id),
    lastBookedAtMs: (account) => entries.get(account)?.at(-1)?.bookedAtMs ?? 0,
  };
}

function write({ accounts, transfers, entries, successors, booked }: Store, plan: GroupPlan): void {
  for (const record of plan.records) {
    transfers.set(record.id, record);
    booked.push(record);
    if (record.target !== null) successors.set(record.target, record.id);
  }
  for (const entry of plan.entries) {
    const list = entries.get(entry.account) ?? [];
    list.push(entry);
    entries.set(entry.account, list);
  }
  for (const account of plan.accounts) accounts.set(account.id, account);
}

function balanceAt({ accounts, entries }: Store, id: string, atMs: number): Balance | null {
  assertTimeMs("atMs", atMs);
  if (!accounts.has(id)) return null;
  return entries.get(id)?.findLast(({ bookedAtMs }) => bookedAtMs <= atMs)?.balance ?? EMPTY_BALANCE;
}

function entriesOf({ entries }: Store, account: string, { afterVersion, limit }: EntryPage): readonly Entry[] {
  assertVersion(afterVersion);
  assertPageSize(limit);
  return (entries.get(account) ?? []).slice(afterVersion, afterVersion + limit);
}

function dueHolds(
  { transfers, successors }: Store,
  { atMs, limit }: { readonly atMs: number; readonly limit: number },
): readonly DueHold[] {
  assertTimeMs("atMs", atMs);
  assertPageSize(limit);
  const due: DueHold[] = [];
  for (const { id, expiresAtMs } of transfers.values()) {
    if (expiresAtMs !== null && expiresAtMs <= atMs && !successors.has(id)) due.push({ id, expiresAtMs });
  }
  due.sort((left, right) => left.expiresAtMs - right.expiresAtMs || (left.id < right.id ? -1 : 1));
  return due.slice(0, limit);
}

function plainSpec({ id, chart, asset, normalSide, limit }: AccountSpec): AccountSpec {
  return Object.freeze({ id, chart, asset, normalSide, limit });
}

function isSameSpec(left: AccountSpec, right: AccountSpec): boolean {
  return (["chart", "asset", "normalSide", "limit"] as const).every((field) => left[field] === right[field]);
}

/** The caller keeps its objects; the journal keeps its own. */
function copy(operations: readonly Operation[]): readonly Operation[] {
  return operations.map((operation) => Object.freeze({ ...operation }));
}

function totalsOf(accounts: Iterable<Account>): readonly ChartTotal[] {
  const totals = new Map<string, ChartTotal>();
  for (const { chart, asset, balance } of accounts) {
    const key = `${chart} ${asset}`;
    const sum = totals.get(key) ?? { chart, asset, accounts: 0, balance: EMPTY_BALANCE };
    totals.set(key, { chart, asset, accounts: sum.accounts + 1, balance: add(sum.balance, balance) });
  }
  return [...totals.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, total]) => total);
}

function add(left: Balance, right: Balance): Balance {
  return {
    debitsPosted: left.debitsPosted + right.debitsPosted,
    creditsPosted: left.creditsPosted + right.creditsPosted,
    debitsPending: left.debitsPending + right.debitsPending,
    creditsPending: left.creditsPending + right.creditsPending,
  };
}
