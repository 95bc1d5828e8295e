import type { LineKind, Standing, StatementAccount } from "./statement-effects.ts";

/** Names the form of a statement's file; another form has another name. */
export const STATEMENT_FORM = "tallystick.statement/1";

/** What became of vouchers whose holds ended without payment by the vault, in the order of their explanations. */
export const VOUCHER_ENDS = ["reversed", "released", "compensated", "paid", "disputed"] as const;

export type VoucherEnd = (typeof VOUCHER_ENDS)[number];

/** The root that stands on the chain: of which batch, in which transaction. */
export interface StatementAnchor {
  readonly batch: string;
  readonly tx: string;
  readonly size: number;
  readonly root: string;
}

/** What stands above the lines. */
export interface StatementHead {
  readonly payee: string;
  /** What people call it; shown, and no part of any proof. */
  readonly name: string | null;
  readonly from: string;
  readonly to: string;
  readonly madeAt: string;
  /** Whether nothing more can be booked into the period. */
  readonly complete: boolean;
  /** The log that the lines are proved to be in. */
  readonly log: { readonly size: number; readonly root: string };
  readonly anchor: StatementAnchor | null;
  /** That the log begins with the anchored one (RFC 6962 §2.1.2). */
  readonly consistency: readonly string[];
  readonly opening: Standing;
  /** All that the vault ever got and gave for the payee before: what payouts come first out of. */
  readonly openingIn: bigint;
  readonly openingOut: bigint;
}

/** One operation of the books on the payee's accounts. */
export interface StatementLine {
  readonly index: number;
  /** What stands for the log's entries between the line before and this one. */
  readonly between: readonly string[];
  /** The log's entry (spec §6.11). */
  readonly entry: string;
  readonly operation: string;
  readonly at: string;
  readonly day: string;
  readonly kind: LineKind;
  readonly amount: bigint;
  readonly counted: readonly StatementAccount[];
  readonly effect: Standing;
  readonly balance: Standing;
  readonly voucher: string | null;
  readonly card: string | null;
  readonly counter: number | null;
  readonly terminal: string | null;
  readonly soldAt: string | null;
  readonly tx: string | null;
  readonly batch: string | null;
  /** Of the transaction that paid it, this voucher's part of the gas; null where none is booked. */
  readonly gasWei: bigint | null;
  /** Of a line `freed` alone: what became of its voucher. */
  readonly became?: VoucherEnd | null;
  /** And why it is disputed. */
  readonly code?: string | null;
}

/** Of what a payout, or a refund from earnings, consists: first in, first out. */
export interface StatementPart {
  /** The operation that brought it. */
  readonly of: string;
  readonly voucher: string | null;
  readonly amount: bigint;
}

/** A day on which something was booked. */
export interface StatementDay {
  readonly day: string;
  readonly lines: number;
  readonly change: Standing;
  readonly balance: Standing;
}

export interface StatementEnd {
  readonly lines: number;
  readonly closing: Standing;
  /** What stands for the log's entries after the last line. */
  readonly after: readonly string[];
}

/** A statement, piece by piece: parts come behind the line that they belong to. */
export type StatementPiece =
  | { readonly piece: "line"; readonly line: StatementLine }
  | { readonly piece: "part"; readonly part: StatementPart }
  | { readonly piece: "day"; readonly day: StatementDay }
  | { readonly piece: "end"; readonly end: StatementEnd };

/** A statement that is being written: what stands above, and the pieces as they are read. */
export interface Statement {
  readonly head: StatementHead;
  readonly pieces: AsyncIterable<StatementPiece>;
}
