/** One step of a sequence. Numbers are relative to what the card has said so far, so that a shortened sequence still means something. */
export type Step =
  | { readonly kind: "select" }
  | { readonly kind: "select-other" }
  | { readonly kind: "pay"; readonly pay: PayStep }
  | { readonly kind: "replay"; readonly back: number; readonly flip: number | null }
  | { readonly kind: "prove"; readonly length: number }
  | { readonly kind: "get-log"; readonly age: number; readonly payee: number | null; readonly secure: boolean }
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
      readonly secure: boolean;
    }
  | { readonly kind: "get-data"; readonly tag: number; readonly secure: boolean }
  | { readonly kind: "open"; readonly secure: boolean }
  | { readonly kind: "generate-key"; readonly secure: boolean }
  | { readonly kind: "raw"; readonly header: readonly [number, number, number, number]; readonly length: number };

export interface PayStep {
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
  readonly secure: boolean;
}

export interface CertificateStep {
  readonly payee: number;
  readonly category: number;
  readonly terminal: number;
  readonly valid: boolean;
  readonly forge: Forgery;
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

/** A value for STORE DATA: the one that is on record, another one, zeros, or of a wrong length. */
export type StoredValue = "own" | "other" | "zeros" | "short";

export const PAYEES: readonly Uint8Array[] = [0, 1, 2].map((index) =>
  new Uint8Array(20).fill(index === 0 ? 0 : 0xa0 + index),
);
export const TERMINALS: readonly Uint8Array[] = [1, 2].map((index) => new Uint8Array(8).fill(0x70 + index));
export const NOT_BEFORE = 1_700_000_000;
export const NOT_AFTER = 1_800_000_000;
