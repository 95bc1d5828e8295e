/**
 * The id is taken by an operation with other content; the code names the first field that differs.
 */
export type ExistsRefusalCode =
  | "EXISTS_WITH_DIFFERENT_KIND"
  | "EXISTS_WITH_DIFFERENT_TARGET"
  | "EXISTS_WITH_DIFFERENT_DEBIT"
  | "EXISTS_WITH_DIFFERENT_CREDIT"
  | "EXISTS_WITH_DIFFERENT_EXPIRY"
  | "EXISTS_WITH_DIFFERENT_AMOUNT";

/** Why a ledger does not take a well-formed group. */
export type RefusalCode =
  | ExistsRefusalCode
  | "UNKNOWN_ACCOUNT"
  | "ASSET_MISMATCH"
  | "UNKNOWN_HOLD"
  | "NOT_A_HOLD"
  | "HOLD_RESOLVED"
  | "HOLD_EXPIRED"
  | "HOLD_NOT_EXPIRED"
  | "ABOVE_HOLD"
  | "UNKNOWN_TRANSFER"
  | "NOT_REVERSIBLE"
  | "ALREADY_REVERSED"
  | "LIMIT_EXCEEDED"
  | "BALANCE_OVERFLOW";

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /**
   * Place of the refused operation in its group; null where the group as a whole breaks an
   * account's limit.
   */
  readonly index: number | null;
  /** The account in question, where there is one. */
  readonly account: string | null;
  /** What happened, for people. */
  readonly message: string;
}

/** `exists`: the same operation was taken before and had its effect then. */
export type OperationResult = "created" | "exists";

export type GroupOutcome = { readonly ok: true; readonly results: readonly OperationResult[] } | Refusal;

/** Accounts are opened all or none; one that is there with other properties refuses the call. */
export type OpenOutcome =
  | { readonly ok: true; readonly results: readonly OperationResult[] }
  | { readonly ok: false; readonly code: "ACCOUNT_DIFFERS"; readonly account: string; readonly message: string };

const sentences: Readonly<Record<RefusalCode, string>> = {
  EXISTS_WITH_DIFFERENT_KIND: "its id is taken by an operation of another kind",
  EXISTS_WITH_DIFFERENT_TARGET: "its id is taken by an operation on another hold or transfer",
  EXISTS_WITH_DIFFERENT_DEBIT: "its id is taken by an operation that debits another account",
  EXISTS_WITH_DIFFERENT_CREDIT: "its id is taken by an operation that credits another account",
  EXISTS_WITH_DIFFERENT_EXPIRY: "its id is taken by a hold with another expiry",
  EXISTS_WITH_DIFFERENT_AMOUNT: "its id is taken by an operation with another amount",
  UNKNOWN_ACCOUNT: "the account is not open; open it first",
  ASSET_MISMATCH: "its two accounts hold different assets",
  UNKNOWN_HOLD: "there is no such hold",
  NOT_A_HOLD: "what it names is no hold",
  HOLD_RESOLVED: "its hold was posted, voided or expired before",
  HOLD_EXPIRED: "the time of its hold is over",
  HOLD_NOT_EXPIRED: "the time of its hold is not over",
  ABOVE_HOLD: "it posts more than its hold reserves",
  UNKNOWN_TRANSFER: "there is no such transfer",
  NOT_REVERSIBLE: "only transfers and posts can be reversed",
  ALREADY_REVERSED: "what it reverses was reversed before",
  LIMIT_EXCEEDED: "an account would fall below its limit",
  BALANCE_OVERFLOW: "an account's total would exceed 63 bits",
};

/** A refusal with its sentence. */
export function refusal(
  code: RefusalCode,
  at: { readonly index: number | null; readonly account?: string | null },
): Refusal {
  const account = at.account ?? null;
  const where = at.index === null ? "The group was refused" : `Operation ${at.index} was refused`;
  const which = account === null ? "" : ` (account ${account})`;
  return { ok: false, code, index: at.index, account, message: `${where}: ${sentences[code]}${which}.` };
}

/** The answer to an account that is open with other properties. */
export function accountDiffers(account: string): OpenOutcome {
  const message = `The account ${account} is open with other properties; nothing was opened.`;
  return { ok: false, code: "ACCOUNT_DIFFERS", account, message };
}
