import type { Account, AccountSpec, Balance } from "../model/account.ts";
import type { JournalRecord } from "../model/journal-record.ts";
import type { LedgerLog } from "../log/ledger-log.ts";
import type { Group } from "../model/operation.ts";
import type { GroupOutcome, OpenOutcome } from "../model/outcome.ts";
import type { ChartTotal, DueHold, Entry, TransferRecord } from "../model/record.ts";

/** A page of entries: those with a version above `afterVersion`, oldest first. */
export interface EntryPage {
  readonly afterVersion: number;
  /** 1 to MAX_PAGE_ROWS. */
  readonly limit: number;
}

/**
 * A double-entry ledger. Every engine passes the conformance suite of
 * `@tallystick/ledger-core/testing`.
 *
 * Nothing is edited: an operation is stored once and stays, a hold ends and a transfer is taken
 * back by further operations that name it. The same operation may be given any number of times and
 * has one effect.
 */
export interface LedgerEngine {
  /** Opens accounts, all or none. Throws LedgerError for malformed ones. */
  openAccounts(accounts: readonly AccountSpec[]): Promise<OpenOutcome>;

  /**
   * Applies a group, all or nothing. Operations are judged in order, account limits at the end; the
   * first fault is the answer and nothing is written. Throws LedgerError for malformed groups, and
   * CONCURRENT_CHANGE where another caller used the same id for other accounts at the same moment:
   * give the group again.
   */
  apply(group: Group): Promise<GroupOutcome>;

  /** The account with its balance now; null when it is not open. */
  account(id: string): Promise<Account | null>;

  /** An account's totals at the end of a millisecond; null when the account is not open. */
  balanceAt(id: string, atMs: number): Promise<Balance | null>;

  entries(account: string, page: EntryPage): Promise<readonly Entry[]>;

  transfer(id: string): Promise<TransferRecord | null>;

  /** Holds that can be expired at this time, longest overdue first. */
  dueHolds(query: { readonly atMs: number; readonly limit: number }): Promise<readonly DueHold[]>;

  /** Totals by chart and asset, sorted by both. */
  chartTotals(): Promise<readonly ChartTotal[]>;

  /** The history as an append-only Merkle log. */
  readonly log: LedgerLog;

  /** The whole history in an order in which it can be applied again. */
  exportJournal(): AsyncIterable<JournalRecord>;
}
