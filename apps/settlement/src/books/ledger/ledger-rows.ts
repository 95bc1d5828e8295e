import type { Account, Balance, Entry, TransferRecord } from "@tallystick/ledger-core";
import { sql } from "kysely";

/**
 * Rows as the ledger's own statements answer them: every 64-bit number as text, so that no driver
 * setting can round it.
 */
export interface BalanceRow {
  readonly debits_posted: string;
  readonly credits_posted: string;
  readonly debits_pending: string;
  readonly credits_pending: string;
}

export interface AccountRow extends BalanceRow {
  readonly id: string;
  readonly chart: string;
  readonly asset: string;
  readonly normal_side: Account["normalSide"];
  readonly fall_limit: Account["limit"];
  readonly version: string;
}

export interface EntryRow extends BalanceRow {
  readonly account: string;
  readonly version: string;
  readonly transfer: string;
  readonly side: Entry["side"];
  readonly booked_at_ms: string;
}

export interface TransferRow {
  readonly id: string;
  readonly kind: TransferRecord["kind"];
  readonly asset: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly target: string | null;
  readonly expires_at_ms: string | null;
  readonly at_ms: string;
  readonly fingerprint: Uint8Array;
}

export interface ChartRow extends BalanceRow {
  readonly chart: string;
  readonly asset: string;
  readonly accounts: string;
}

export interface DueHoldRow {
  readonly id: string;
  readonly expires_at_ms: string;
}

/** One row an operation, or one row that names the fault. */
export interface OutcomeRow {
  readonly place: number | null;
  readonly outcome: string;
  readonly account: string | null;
}

export const BALANCE_COLUMNS = sql.raw(
  "debits_posted::text, credits_posted::text, debits_pending::text, credits_pending::text",
);

export function balanceOf(row: BalanceRow): Balance {
  return {
    debitsPosted: BigInt(row.debits_posted),
    creditsPosted: BigInt(row.credits_posted),
    debitsPending: BigInt(row.debits_pending),
    creditsPending: BigInt(row.credits_pending),
  };
}

export function accountOf(row: AccountRow): Account {
  const { id, chart, asset, normal_side: normalSide, fall_limit: limit } = row;
  return { id, chart, asset, normalSide, limit, version: Number(row.version), balance: balanceOf(row) };
}

export function entryOf(row: EntryRow): Entry {
  const { account, transfer, side } = row;
  const bookedAtMs = Number(row.booked_at_ms);
  return { account, version: Number(row.version), transfer, side, bookedAtMs, balance: balanceOf(row) };
}

export function transferOf(row: TransferRow): TransferRecord {
  const { id, kind, asset, debit, credit, target } = row;
  return {
    ...{ id, kind, asset, debit, credit, target },
    amount: BigInt(row.amount),
    expiresAtMs: row.expires_at_ms === null ? null : Number(row.expires_at_ms),
    atMs: Number(row.at_ms),
    fingerprint: new Uint8Array(row.fingerprint),
  };
}
