import type { Account, Balance } from "../model/account.ts";
import { keepsLimit } from "../model/account.ts";
import { differenceOf, fingerprintOf } from "../model/fingerprint.ts";
import { MAX_TOTAL } from "../model/limits.ts";
import { plainOperation, type Group, type PlainOperation } from "../model/operation.ts";
import { refusal, type OperationResult, type Refusal, type RefusalCode } from "../model/outcome.ts";
import type { Entry, TransferRecord } from "../model/record.ts";

/** What a ledger holds, as far as judging a group needs it. */
export interface LedgerView {
  account(id: string): Account | undefined;
  transfer(id: string): TransferRecord | undefined;
  /** The operation that ended this hold or reversed this transfer. */
  successor(id: string): string | undefined;
  lastBookedAtMs(account: string): number;
}

/** All that a group would write. */
export interface GroupPlan {
  readonly ok: true;
  readonly results: readonly OperationResult[];
  readonly records: readonly TransferRecord[];
  readonly entries: readonly Entry[];
  readonly accounts: readonly Account[];
}

/** An operation with everything that the ledger adds to it. */
interface Step {
  readonly operation: PlainOperation;
  readonly record: TransferRecord;
  /** What the operation takes off the pending totals. */
  readonly released: bigint;
}

type Judged = { readonly step: Step } | { readonly code: RefusalCode; readonly account?: string };

/**
 * Judges a group against what a ledger holds and answers what is to be written, or why nothing is.
 */
export function planGroup(view: LedgerView, group: Group): GroupPlan | Refusal {
  const planned = new Map<string, TransferRecord>();
  const successors = new Set<string>();
  const layered: LedgerView = {
    ...view,
    account: (id) => view.account(id),
    transfer: (id) => planned.get(id) ?? view.transfer(id),
    successor: (id) => (successors.has(id) ? id : view.successor(id)),
  };
  const results: OperationResult[] = [];
  const steps: Step[] = [];
  for (const [index, operation] of group.operations.map(plainOperation).entries()) {
    const fingerprint = fingerprintOf(operation);
    const stored = view.transfer(operation.id);
    if (stored !== undefined) {
      if (!sameBytes(stored.fingerprint, fingerprint)) return refusal(differenceOf(operation, stored), { index });
      results.push("exists");
      continue;
    }
    const judged = judge(layered, operation, { atMs: group.atMs, fingerprint });
    if ("code" in judged) return refusal(judged.code, { index, account: judged.account ?? null });
    steps.push(judged.step);
    planned.set(operation.id, judged.step.record);
    if (operation.target !== null) successors.add(operation.target);
    results.push("created");
  }
  const written = writeSteps(view, steps, group.atMs);
  return "ok" in written ? written : { ok: true, results, records: steps.map(({ record }) => record), ...written };
}

interface Stamp {
  readonly atMs: number;
  readonly fingerprint: Uint8Array;
}

function judge(view: LedgerView, operation: PlainOperation, stamp: Stamp): Judged {
  switch (operation.kind) {
    case "transfer":
    case "hold":
      return judgeTransfer(view, operation, stamp);
    case "post":
    case "void":
    case "expire":
      return judgeEnding(view, operation, stamp);
    case "reverse":
      return judgeReversal(view, operation, stamp);
  }
}

function judgeTransfer(view: LedgerView, operation: PlainOperation, stamp: Stamp): Judged {
  const { debit, credit, amount, expiresAtMs } = operation;
  if (debit === null || credit === null || amount === null) throw new Error("A transfer names accounts and an amount.");
  const debited = view.account(debit);
  if (debited === undefined) return { code: "UNKNOWN_ACCOUNT", account: debit };
  const credited = view.account(credit);
  if (credited === undefined) return { code: "UNKNOWN_ACCOUNT", account: credit };
  if (debited.asset !== credited.asset) return { code: "ASSET_MISMATCH" };
  if (expiresAtMs !== null && expiresAtMs <= stamp.atMs) return { code: "HOLD_EXPIRED" };
  return stepOf(operation, stamp, { asset: debited.asset, debit, credit, amount, released: 0n });
}

function judgeEnding(view: LedgerView, operation: PlainOperation, stamp: Stamp): Judged {
  const target = operation.target ?? "";
  const hold = view.transfer(target);
  if (hold === undefined) return { code: "UNKNOWN_HOLD" };
  if (hold.kind !== "hold") return { code: "NOT_A_HOLD" };
  if (view.successor(target) !== undefined) return { code: "HOLD_RESOLVED" };
  const isOver = hold.expiresAtMs !== null && stamp.atMs >= hold.expiresAtMs;
  if (operation.kind === "post" && isOver) return { code: "HOLD_EXPIRED" };
  if (operation.kind === "expire" && !isOver) return { code: "HOLD_NOT_EXPIRED" };
  const amount = operation.amount ?? hold.amount;
  if (amount > hold.amount) return { code: "ABOVE_HOLD" };
  return stepOf(operation, stamp, { ...hold, amount, released: hold.amount });
}

function judgeReversal(view: LedgerView, operation: PlainOperation, stamp: Stamp): Judged {
  const target = operation.target ?? "";
  const original = view.transfer(target);
  if (original === undefined) return { code: "UNKNOWN_TRANSFER" };
  if (original.kind !== "transfer" && original.kind !== "post") return { code: "NOT_REVERSIBLE" };
  if (view.successor(target) !== undefined) return { code: "ALREADY_REVERSED" };
  const { asset, debit, credit, amount } = original;
  return stepOf(operation, stamp, { asset, debit: credit, credit: debit, amount, released: 0n });
}

function stepOf(
  operation: PlainOperation,
  { atMs, fingerprint }: Stamp,
  {
    asset,
    debit,
    credit,
    amount,
    released,
  }: { asset: string; debit: string; credit: string; amount: bigint; released: bigint },
): Judged {
  const { id, kind, target, expiresAtMs } = operation;
  return {
    step: {
      operation,
      released,
      record: { id, kind, asset, debit, credit, amount, target, expiresAtMs, atMs, fingerprint },
    },
  };
}

/** Running balances of all steps, and the limits of every account that they touch. */
function writeSteps(
  view: LedgerView,
  steps: readonly Step[],
  atMs: number,
): { entries: readonly Entry[]; accounts: readonly Account[] } | Refusal {
  const touched = new Map<string, Account>();
  const entries: Entry[] = [];
  for (const step of steps) {
    for (const side of ["debit", "credit"] as const) {
      const id = step.record[side];
      const before = touched.get(id) ?? view.account(id);
      if (before === undefined) throw new Error(`The account ${id} of a judged operation is missing.`);
      const balance = balanceAfter(before.balance, step, side);
      const after = { ...before, balance, version: before.version + 1 };
      touched.set(id, after);
      const bookedAtMs = Math.max(atMs, view.lastBookedAtMs(id));
      entries.push({ account: id, version: after.version, transfer: step.record.id, side, bookedAtMs, balance });
    }
  }
  const accounts = [...touched.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  for (const account of accounts) {
    const overflows = Object.values(account.balance).some((total: bigint) => total > MAX_TOTAL);
    if (overflows) return refusal("BALANCE_OVERFLOW", { index: null, account: account.id });
    if (!keepsLimit(account)) return refusal("LIMIT_EXCEEDED", { index: null, account: account.id });
  }
  return { entries, accounts };
}

function balanceAfter(
  before: Balance,
  { operation: { kind }, record, released }: Step,
  side: "debit" | "credit",
): Balance {
  const posted = kind === "transfer" || kind === "post" || kind === "reverse" ? record.amount : 0n;
  const pending = (kind === "hold" ? record.amount : 0n) - released;
  return side === "debit"
    ? { ...before, debitsPosted: before.debitsPosted + posted, debitsPending: before.debitsPending + pending }
    : { ...before, creditsPosted: before.creditsPosted + posted, creditsPending: before.creditsPending + pending };
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
