import assert from "node:assert/strict";
import { availableBalance, postedBalance, type AccountLimit, type AccountSpec } from "../model/account.ts";
import type { LedgerEngine } from "../engine/engine.ts";
import { LedgerError, type LedgerErrorCode } from "../model/errors.ts";
import type { Operation } from "../model/operation.ts";
import type { GroupOutcome } from "../model/outcome.ts";

export const T0 = 1_800_000_000_000;

/** A small chart: `issued` is where money comes from, the others hold it. */
export function spec(id: string, limit: AccountLimit = "none", asset = "USDC"): AccountSpec {
  return { id, chart: id.split(":")[0] ?? id, asset, normalSide: id === "issued" ? "credit" : "debit", limit };
}

export async function open(engine: LedgerEngine, ...accounts: readonly AccountSpec[]): Promise<void> {
  assert.equal((await engine.openAccounts(accounts)).ok, true);
}

/** Opens an issue of `amount` in the account `from`, with two more accounts to move it to. */
export async function openBooks(engine: LedgerEngine, amount: bigint, limit: AccountLimit = "posted"): Promise<void> {
  await open(engine, spec("issued"), spec("card:1", limit), spec("owed:1"), spec("owed:2"));
  await take(engine, { kind: "transfer", id: "issue", debit: "card:1", credit: "issued", amount });
}

/** Applies operations that must be taken. */
export async function take(engine: LedgerEngine, ...operations: readonly Operation[]): Promise<GroupOutcome> {
  const outcome = await engine.apply({ atMs: T0, operations });
  assert.ok(outcome.ok, outcome.ok ? "" : outcome.message);
  return outcome;
}

export interface ExpectedRefusal {
  readonly code: string;
  readonly index: number | null;
  readonly account?: string | null;
}

/** Applies operations that must be refused, and checks that nothing at all was written. */
export async function refuse(
  engine: LedgerEngine,
  operations: readonly Operation[],
  { code, index, account = null }: ExpectedRefusal,
  atMs = T0,
): Promise<void> {
  const before = await snapshot(engine);
  const outcome = await engine.apply({ atMs, operations });
  assert.ok(!outcome.ok, "the group was taken");
  assert.deepEqual({ code: outcome.code, index: outcome.index, account: outcome.account }, { code, index, account });
  assert.deepEqual(await snapshot(engine), before, "a refused group left something behind");
}

async function snapshot(engine: LedgerEngine): Promise<unknown> {
  const lines: string[] = [];
  for await (const record of engine.exportJournal()) {
    lines.push(
      JSON.stringify(record, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)),
    );
  }
  return { lines, totals: await engine.chartTotals() };
}

/** Posted and available balance of an account on its normal side. */
export async function balances(
  engine: LedgerEngine,
  id: string,
): Promise<readonly [posted: bigint, available: bigint]> {
  const account = await engine.account(id);
  assert.ok(account !== null, `${id} is not open`);
  return [postedBalance(account), availableBalance(account)];
}

export async function expectThrown(code: LedgerErrorCode, work: () => Promise<unknown>): Promise<void> {
  const error: unknown = await work().then(
    () => assert.fail(`expected ${code}, but it was taken`),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof LedgerError, `expected a LedgerError, got ${String(error)}`);
  assert.equal(error.code, code);
}
