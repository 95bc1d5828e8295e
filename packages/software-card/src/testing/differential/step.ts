/**
 * One step of a sequence. Numbers are relative to what the card has said so far, so that a
 * shortened sequence still means something.
 */
export type Step =
  | { readonly kind: "select"; readonly short: boolean }
  | { readonly kind: "select-other" }
  | { readonly kind: "switch" }
  | { readonly kind: "power" }
  | { readonly kind: "pay"; readonly pay: PayStep }
  | { readonly kind: "torn-pay"; readonly pay: PayStep; readonly when: "before" | "after" }
  | { readonly kind: "replay"; readonly back: number; readonly flip: number | null; readonly short: boolean }
  | { readonly kind: "prove"; readonly length: number }
  | { readonly kind: "get-log"; readonly age: number; readonly payee: number | null; readonly channel: Channel }
  | { readonly kind: "get-challenge"; readonly length: number }
  | { readonly kind: "read-log"; readonly read: ReadLogStep }
  | { readonly kind: "allowance"; readonly allowance: AllowanceStep }
  | { readonly kind: "certificate"; readonly certificate: CertificateStep }
  | { readonly kind: "beacon-get" }
  | { readonly kind: "beacon-put"; readonly seq: number; readonly forge: Forgery }
  | { readonly kind: "pin"; readonly pin: PinStep }
  | {
      readonly kind: "store";
      readonly tag: number;
      readonly value: StoredValue;
      readonly cut: number;
      readonly channel: Channel;
    }
  | { readonly kind: "get-data"; readonly tag: number; readonly channel: Channel }
  | { readonly kind: "open"; readonly channel: Channel }
  | { readonly kind: "generate-key"; readonly channel: Channel }
  | { readonly kind: "raw"; readonly header: readonly [number, number, number, number]; readonly length: number };

export interface PayStep {
  /** In the short form, P2 01. */
  readonly short: boolean;
  readonly ownTag: boolean;
  /** 1 is the counter's turn. */
  readonly turn: number;
  readonly payee: number;
  /** A number, or a bound of the allowance and what is added to it. */
  readonly amount: number | { readonly bound: "perTap" | "pinAbove" | "noPinSum" | "maxSpent"; readonly add: number };
  readonly time: "first" | "last" | "before" | "after" | "middle";
  readonly terminal: number;
  readonly category: number;
  readonly challenge: number;
}

/** `none`: the issuer's own signature over what is sent. */
export type Forgery = "none" | "high-s" | "flipped" | "zero-r" | "order-s" | "other-key-id" | "other-domain";

export interface AllowanceStep {
  readonly seq: number;
  readonly perTap: number;
  readonly pinAbove: number;
  readonly noPinSum: number;
  readonly noPinCount: number;
  readonly more: number;
  readonly counters: number;
  readonly categories: "all" | "some" | "none";
  readonly flags: number;
  readonly forge: Forgery;
  readonly channel: Channel;
}

export interface CertificateStep {
  readonly payee: number;
  readonly category: number;
  readonly terminal: number;
  readonly valid: boolean;
  /** Which key it certifies: the terminal's, another one, or no point of the curve. */
  readonly key: "own" | "other" | "no-point";
  readonly forge: Forgery;
}

/** A payee's payments read by its terminal: certificate, challenge, signature, then by the payee alone. */
export interface ReadLogStep {
  readonly age: number;
  readonly payee: number;
  /** Null: none is presented in this step. */
  readonly certificate: CertificateStep | null;
  /** A fresh challenge is signed, the one before it, or none of the card's. */
  readonly challenge: "fresh" | "before" | "none";
  readonly forge: Forgery;
  /** How often the entries are read after it. */
  readonly again: number;
}

export interface PinStep {
  readonly operation: "verify" | "change" | "unblock";
  readonly session: boolean;
  /** Which secret is presented: the card's own or another. */
  readonly right: boolean;
  readonly newPin: number;
  readonly spoil: "none" | "mac" | "key" | "binding";
  /** What the PIN is bound to, and whether it is paid right after. */
  readonly pay: PayStep;
  readonly payAfter: boolean;
}

/**
 * A value for STORE DATA: the one that is on record, another one, zeros, of a wrong length, a key
 * that is no point of the curve, or the state that ends the card.
 */
export type StoredValue = "own" | "other" | "zeros" | "short" | "no-point" | "end";

/** In clear, of class 84 without a session, or inside the personalization session. */
export type Channel = "clear" | "unopened" | "inside";

export const PAYEES: readonly Uint8Array[] = [0, 1, 2].map((index) =>
  new Uint8Array(20).fill(index === 0 ? 0 : 0xa0 + index),
);
export const TERMINALS: readonly Uint8Array[] = [1, 2].map((index) => new Uint8Array(8).fill(0x70 + index));
export const PINS: readonly Uint8Array[] = [
  [1, 2, 3, 4],
  [5, 6, 7, 8, 9],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
].map((digits) => Uint8Array.from(digits));
export const PUK = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
export const NOT_BEFORE = 1_700_000_000;
export const NOT_AFTER = 1_800_000_000;
