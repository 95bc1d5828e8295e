import type { TransferRecord } from "@tallystick/ledger-core";
import { issuerOwesAccount, owedAccount, paidOutAccount } from "../../books/postings/chart-of-accounts.ts";

/** The accounts of a payee, by what they are in its statement. */
export const STATEMENT_ACCOUNTS = ["owed", "paidOut", "issuerOwes"] as const;

export type StatementAccount = (typeof STATEMENT_ACCOUNTS)[number];

/** Their ids in the books. */
export type AccountIds = Readonly<Record<StatementAccount, string>>;

export function accountIds(payee: Uint8Array): AccountIds {
  return { owed: owedAccount(payee), paidOut: paidOutAccount(payee), issuerOwes: issuerOwesAccount(payee) };
}

/** Where a payee stands, or by how much it moved. Units; each may be below zero. */
export interface Standing {
  /** Taken in and neither paid nor given up. */
  readonly accepted: bigint;
  /** What the vault holds for the payee. */
  readonly owed: bigint;
  /** What reached the payee, less what it gave back from its wallet. */
  readonly paidOut: bigint;
  /** The part of `accepted` that the issuer owes, because the vault did not pay. */
  readonly issuerOwes: bigint;
}

export const STANDING_FIELDS = ["accepted", "owed", "paidOut", "issuerOwes"] as const satisfies (keyof Standing)[];

export const NOTHING: Standing = { accepted: 0n, owed: 0n, paidOut: 0n, issuerOwes: 0n };

export function addStandings(left: Standing, right: Standing): Standing {
  return {
    accepted: left.accepted + right.accepted,
    owed: left.owed + right.owed,
    paidOut: left.paidOut + right.paidOut,
    issuerOwes: left.issuerOwes + right.issuerOwes,
  };
}

type Moving = Pick<TransferRecord, "kind" | "debit" | "credit" | "amount">;

/** What an operation does to some accounts of a payee. */
export function effectOf(record: Moving, ids: AccountIds, counted: readonly StatementAccount[]): Standing {
  const { kind, debit, credit, amount } = record;
  const posted = kind === "transfer" || kind === "post" || kind === "reverse" ? amount : 0n;
  const pending = kind === "hold" ? amount : kind === "transfer" || kind === "reverse" ? 0n : -amount;
  const sign = (account: StatementAccount): bigint => {
    if (!counted.includes(account)) return 0n;
    return debit === ids[account] ? 1n : credit === ids[account] ? -1n : 0n;
  };
  return {
    accepted: sign("owed") * pending,
    owed: sign("owed") * posted,
    paidOut: sign("paidOut") * posted,
    issuerOwes: sign("issuerOwes") * pending,
  };
}

/** Whether an operation brings the payee money that the vault then holds for it, or takes such money. */
export function owedMove({ kind, debit, credit }: Moving, { owed }: AccountIds): "in" | "out" | null {
  if (kind !== "transfer" && kind !== "post" && kind !== "reverse") return null;
  return debit === owed ? "in" : credit === owed ? "out" : null;
}

/** What a line of a statement is, by what its operation's id begins with. */
const KINDS = {
  hold: "accepted",
  paid: "paid",
  free: "freed",
  owes: "owed-by-issuer",
  "owes-ended": "owed-by-issuer-ended",
  compensated: "compensated",
  paidOut: "payout",
  refunded: "refund",
} as const;

export type LineKind = (typeof KINDS)[keyof typeof KINDS] | "other";

/** Every kind, in the order of a voucher's life. */
export const LINE_KINDS: readonly LineKind[] = [...Object.values(KINDS), "other"];

/** What an operation's id says of it: the kind of its line, the voucher and the transaction that it names. */
export function namedBy(operation: string): {
  readonly kind: LineKind;
  readonly voucher: string | null;
  readonly tx: string | null;
} {
  const [name = "", ...rest] = operation.split(":");
  const kind: LineKind = Object.hasOwn(KINDS, name) ? KINDS[name as keyof typeof KINDS] : "other";
  const hash = (text: string | undefined): string | null =>
    text !== undefined && /^0x[0-9a-f]{64}$/.test(text) ? text : null;
  if (kind === "payout") return { kind, voucher: null, tx: hash(rest[0]) };
  if (kind === "refund") return { kind, voucher: hash(rest[2]), tx: hash(rest[0]) };
  return { kind, voucher: hash(rest[0]), tx: null };
}
