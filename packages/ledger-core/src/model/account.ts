import { LedgerError } from "./errors.ts";
import { MAX_ACCOUNTS_PER_CALL, MAX_ID_LENGTH } from "./limits.ts";

/**
 * The side on which an account grows: a debit account's balance is debits − credits, a credit
 * account's the reverse.
 */
export type NormalSide = "debit" | "credit";

/**
 * How far an account may fall.
 * - `none`: its balance may be below zero.
 * - `posted`: its posted balance is never below zero; holds may promise more than it has.
 * - `available`: its posted balance less everything held against it is never below zero; a hold
 *   reserves.
 */
export type AccountLimit = "none" | "posted" | "available";

/** The properties of an account; they never change after it is opened. */
export interface AccountSpec {
  /** From the domain, such as "card:0x12…": 1–160 characters, no blanks. */
  readonly id: string;
  /** Its place in the chart of accounts, such as "card"; totals are kept by it. */
  readonly chart: string;
  /** Code of the one asset that it holds. */
  readonly asset: string;
  readonly normalSide: NormalSide;
  readonly limit: AccountLimit;
}

/** Totals of one account; each only grows, save the pending ones. Units of its asset. */
export interface Balance {
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
}

export interface Account extends AccountSpec {
  readonly balance: Balance;
  /** Number of entries written to it. */
  readonly version: number;
}

export const EMPTY_BALANCE: Balance = Object.freeze({
  debitsPosted: 0n,
  creditsPosted: 0n,
  debitsPending: 0n,
  creditsPending: 0n,
});

const idPattern = /^[\x21-\x7e]+$/;
const assetPattern = /^[A-Za-z0-9]{1,12}$/;
const sides: readonly string[] = ["debit", "credit"] satisfies NormalSide[];
const limits: readonly string[] = ["none", "posted", "available"] satisfies AccountLimit[];

/** Refuses an id that is empty, too long or has anything but visible ASCII: LedgerError BAD_ID. */
export function assertId(field: string, id: unknown): void {
  if (typeof id !== "string" || id.length > MAX_ID_LENGTH || !idPattern.test(id)) {
    throw new LedgerError(
      "BAD_ID",
      `${field} must be 1 to ${MAX_ID_LENGTH} visible ASCII characters; it was ${JSON.stringify(id)}.`,
    );
  }
}

/**
 * Refuses accounts that no ledger could open: BAD_ID, BAD_ACCOUNT, DUPLICATE_ID or GROUP_TOO_LARGE.
 */
export function assertAccountSpecs(accounts: readonly AccountSpec[]): void {
  if (accounts.length > MAX_ACCOUNTS_PER_CALL) {
    throw new LedgerError("GROUP_TOO_LARGE", `Open at most ${MAX_ACCOUNTS_PER_CALL} accounts a call.`);
  }
  const seen = new Set<string>();
  for (const account of accounts) {
    assertId("account id", account.id);
    assertId("chart", account.chart);
    if (seen.has(account.id))
      throw new LedgerError("DUPLICATE_ID", `The account ${account.id} stands twice in one call.`);
    seen.add(account.id);
    if (!assetPattern.test(account.asset)) {
      throw new LedgerError("BAD_ACCOUNT", `The asset of ${account.id} must be 1 to 12 letters and digits.`);
    }
    if (!sides.includes(account.normalSide)) {
      throw new LedgerError("BAD_ACCOUNT", `The normal side of ${account.id} must be debit or credit.`);
    }
    if (!limits.includes(account.limit)) {
      throw new LedgerError("BAD_ACCOUNT", `The limit of ${account.id} must be none, posted or available.`);
    }
  }
}

/**
 * Posted balance on the account's normal side: what people call its balance. May be below zero
 * without a limit.
 */
export function postedBalance(account: Account): bigint {
  const { debitsPosted, creditsPosted } = account.balance;
  return account.normalSide === "debit" ? debitsPosted - creditsPosted : creditsPosted - debitsPosted;
}

/** Posted balance less what is held against it. */
export function availableBalance(account: Account): bigint {
  const { debitsPending, creditsPending } = account.balance;
  return postedBalance(account) - (account.normalSide === "debit" ? creditsPending : debitsPending);
}

/** Whether the account keeps the limit it was opened with. */
export function keepsLimit(account: Account): boolean {
  if (account.limit === "none") return true;
  return (account.limit === "posted" ? postedBalance(account) : availableBalance(account)) >= 0n;
}
