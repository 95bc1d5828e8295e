import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { IssuerAccount } from "./chart-of-accounts.ts";

/** A voucher as the books know it. */
export interface PostedVoucher {
  readonly id: Uint8Array;
  readonly card: Uint8Array;
  readonly payee: Uint8Array;
  readonly amount: bigint;
}

/**
 * One movement of tokens that the chain showed, final. Units. `own` is the issuer's account at the
 * other end, or null where that is anybody else's.
 */
export type Movement =
  | { readonly kind: "minted"; readonly units: bigint; readonly to: IssuerAccount }
  | { readonly kind: "burned"; readonly units: bigint; readonly from: IssuerAccount }
  /** From one of the issuer's accounts to the other. */
  | { readonly kind: "shifted"; readonly units: bigint; readonly from: IssuerAccount; readonly to: IssuerAccount }
  | { readonly kind: "funded"; readonly card: Uint8Array; readonly units: bigint; readonly own: IssuerAccount | null }
  | {
      readonly kind: "cardWithdrawn";
      readonly card: Uint8Array;
      readonly units: bigint;
      readonly own: IssuerAccount | null;
    }
  /** `own`: the payee took its earnings to an account of the issuer. */
  | { readonly kind: "paidOut"; readonly payee: Uint8Array; readonly units: bigint; readonly own: IssuerAccount | null }
  | {
      readonly kind: "refunded";
      readonly payee: Uint8Array;
      readonly card: Uint8Array;
      readonly fromEarnings: bigint;
      readonly fromTokens: bigint;
      /** The payee is an account of the issuer. */
      readonly own: IssuerAccount | null;
      /** The vouchers it belongs to; each has postings of its own, whose ids name it. */
      readonly shares: readonly { readonly voucherId: Uint8Array; readonly units: bigint }[];
    };

/** The books' side of the reconciliation, units. */
export interface BookTotals {
  readonly minted: bigint;
  /** In the treasury. */
  readonly wallets: bigint;
  /** In the account that compensations are paid from. */
  readonly guarantee: bigint;
  readonly cards: bigint;
  readonly owed: bigint;
  readonly paidOut: bigint;
  /** Vouchers taken and neither paid nor given up yet. */
  readonly acceptedUnpaid: bigint;
  /** The part of it that the issuer owes, because the vault did not pay. */
  readonly issuerOwes: bigint;
  /** Given to cards that replace others, and not yet withdrawn from those. */
  readonly advances: bigint;
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
  /**
   * The issuer owes a voucher: a liability, until it is compensated, paid by the vault or given up.
   * `released` and `paid` end it.
   */
  owed(trx: DatabaseTransaction, voucher: PostedVoucher): Promise<void>;
  /**
   * An account of the issuer paid a voucher's payee; `to` where the payee is itself one. Its hold is
   * not touched.
   */
  compensated(
    trx: DatabaseTransaction,
    voucher: PostedVoucher,
    accounts: { readonly from: IssuerAccount; readonly to: IssuerAccount | null },
  ): Promise<void>;
  /** The issuer gave a card's successor units that will come back from the card: a receivable, until they do. */
  advanced(trx: DatabaseTransaction, card: Uint8Array, units: bigint): Promise<void>;
  /** The card's withdrawal is final, or nothing will come: the receivable ends. */
  advanceEnds(trx: DatabaseTransaction, card: Uint8Array): Promise<void>;
  /** What the chain showed at one place ("transaction:index"), which makes the posting's id. */
  moved(trx: DatabaseTransaction, place: string, movement: Movement): Promise<void>;
  /**
   * Nothing is posted to a card until the caller's transaction ends: `received` and `paid` of others wait, and see what it
   * stored.
   */
  lockCard(trx: DatabaseTransaction, card: Uint8Array): Promise<void>;
  /** As the database shows them, or one transaction of it. */
  totals(of?: DatabaseTransaction): Promise<BookTotals>;
}

export const POSTINGS = Symbol("POSTINGS");
