import type { Balance } from "./account.ts";
import type { OperationKind } from "./operation.ts";

/** An operation as the journal keeps it; it never changes. */
export interface TransferRecord {
  readonly id: string;
  readonly kind: OperationKind;
  readonly asset: string;
  readonly debit: string;
  readonly credit: string;
  /** What was moved, reserved or given free. */
  readonly amount: bigint;
  readonly target: string | null;
  readonly expiresAtMs: number | null;
  readonly atMs: number;
  /** SHA-256 of the caller's input. */
  readonly fingerprint: Uint8Array;
}

/** The trace of one operation on one account: the account's totals after it. */
export interface Entry {
  readonly account: string;
  /** 1, 2, 3 … per account, without gaps. */
  readonly version: number;
  readonly transfer: string;
  readonly side: "debit" | "credit";
  /**
   * The operation's time, or the account's last one where that is later: an account's history never
   * runs back.
   */
  readonly bookedAtMs: number;
  readonly balance: Balance;
}

/** What the accounts of one place in the chart hold together, on their normal side. */
export interface ChartTotal {
  readonly chart: string;
  readonly asset: string;
  readonly accounts: number;
  readonly balance: Balance;
}

/** A hold whose time is over and that nothing has ended yet. */
export interface DueHold {
  readonly id: string;
  readonly expiresAtMs: number;
}
