import type { DatabaseTransaction } from "../../foundation/database/database.ts";

/** A voucher as the books know it. */
export interface PostedVoucher {
  readonly id: Uint8Array;
  readonly card: Uint8Array;
  readonly payee: Uint8Array;
  readonly amount: bigint;
}

/** One movement of tokens that the chain showed, final. Units. */
export type Movement =
  | { readonly kind: "minted"; readonly units: bigint }
  | { readonly kind: "burned"; readonly units: bigint }
  | { readonly kind: "funded"; readonly card: Uint8Array; readonly units: bigint; readonly own: boolean }
  | { readonly kind: "cardWithdrawn"; readonly card: Uint8Array; readonly units: bigint; readonly own: boolean }
  /** `own`: the payee took its earnings to the treasury itself. */
  | { readonly kind: "paidOut"; readonly payee: Uint8Array; readonly units: bigint; readonly own: boolean }
  | {
      readonly kind: "refunded";
      readonly payee: Uint8Array;
      readonly card: Uint8Array;
      readonly fromEarnings: bigint;
      readonly fromTokens: bigint;
      /** The payee is the treasury itself. */
      readonly own: boolean;
      /** The vouchers it belongs to; each has postings of its own, whose ids name it. */
      readonly shares: readonly { readonly voucherId: Uint8Array; readonly units: bigint }[];
    };

/** The books' side of the reconciliation, units. */
export interface BookTotals {
  readonly minted: bigint;
  readonly wallets: bigint;
  readonly cards: bigint;
  readonly owed: bigint;
  readonly paidOut: bigint;
  /** Vouchers taken and neither paid nor given up yet. */
  readonly acceptedUnpaid: bigint;
}

/**
 * The books, as this service uses them. Every method joins the caller's transaction, so that an
 * event and its posting are stored together, and may be called twice with one effect: ids come from
 * the domain.
 */
export interface Postings {
  /** Verified vouchers are held until they are paid, reversed or disputed. */
  received(trx: DatabaseTransaction, vouchers: readonly PostedVoucher[]): Promise<void>;
  /** Their holds end without payment by the vault. */
  released(trx: DatabaseTransaction, vouchers: readonly PostedVoucher[]): Promise<void>;
  /** Paid by the vault, final; `held` says whether the voucher's hold is open. */
  paid(trx: DatabaseTransaction, vouchers: readonly (PostedVoucher & { readonly held: boolean })[]): Promise<void>;
  /** The treasury paid a voucher's payee. Its hold is not touched. */
  compensated(trx: DatabaseTransaction, voucher: PostedVoucher): Promise<void>;
  /** What the chain showed at one place ("transaction:index"), which makes the posting's id. */
  moved(trx: DatabaseTransaction, place: string, movement: Movement): Promise<void>;
  totals(): Promise<BookTotals>;
}

export const POSTINGS = Symbol("POSTINGS");
