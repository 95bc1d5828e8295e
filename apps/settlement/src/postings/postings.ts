import type { DatabaseTransaction } from "../database/database.ts";

/** A voucher as the books know it. */
export interface PostedVoucher {
  readonly id: Uint8Array;
  readonly card: Uint8Array;
  readonly payee: Uint8Array;
  readonly amount: bigint;
}

/** What happened on the chain, by its place there: the place makes the posting's id, so that it posts once. */
export interface ChainFact {
  readonly transactionHash: Uint8Array;
  readonly logIndex: number;
}

/**
 * The books, in the words of this service. Every method joins the caller's transaction, so that a fact and its posting
 * are stored together, and may be called twice with one effect: ids come from the domain.
 */
export interface Postings {
  /** A verified voucher is held until it is paid, cancelled or disputed. */
  received(trx: DatabaseTransaction, vouchers: readonly PostedVoucher[]): Promise<void>;
  /** Its hold ends without payment by the vault (cancelled, disputed, compensated). */
  released(trx: DatabaseTransaction, vouchers: readonly PostedVoucher[]): Promise<void>;
  /** Paid by the vault, final: from the card to what the payee is owed. */
  paid(trx: DatabaseTransaction, vouchers: readonly PostedVoucher[]): Promise<void>;
  /** Tokens came into the treasury from outside, or left it to somebody who is no payee. */
  minted(trx: DatabaseTransaction, fact: ChainFact, units: bigint): Promise<void>;
  burned(trx: DatabaseTransaction, fact: ChainFact, units: bigint): Promise<void>;
  /** A deposit into a card, from the treasury or from outside. */
  funded(trx: DatabaseTransaction, fact: ChainFact, deposit: { card: Uint8Array; units: bigint; own: boolean }): Promise<void>;
  /** The owner's ripe withdrawal, to the treasury or to outside. */
  cardWithdrawn(
    trx: DatabaseTransaction,
    fact: ChainFact,
    withdrawal: { card: Uint8Array; units: bigint; own: boolean },
  ): Promise<void>;
  /** The vault paid out what a payee had earned. */
  paidOut(trx: DatabaseTransaction, fact: ChainFact, payout: { payee: Uint8Array; units: bigint }): Promise<void>;
  /** The issuer bore a voucher: treasury to payee. */
  compensated(trx: DatabaseTransaction, voucher: PostedVoucher): Promise<void>;
  /** The books' side of the reconciliation, units. */
  totals(): Promise<BookTotals>;
}

export interface BookTotals {
  readonly minted: bigint;
  readonly wallets: bigint;
  readonly cards: bigint;
  readonly owed: bigint;
  readonly paidOut: bigint;
  /** Vouchers taken and neither paid nor given up yet. */
  readonly acceptedUnpaid: bigint;
}

export const POSTINGS = Symbol("POSTINGS");
