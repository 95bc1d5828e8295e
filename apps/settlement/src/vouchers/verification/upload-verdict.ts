import type { ExcessCode, Upload, WorthlessCode } from "@tallystick/protocol";

/**
 * Why one voucher of an upload is not taken. Stable codes, each with a sentence for the merchant's
 * log.
 */
export const refusals = {
  WRONG_DOMAIN: "The voucher is for another vault or chain.",
  CONTEXT_MISMATCH: "The voucher's context is not the one its message names.",
  FOREIGN_PAYEE: "The voucher pays another payee than the one that uploads it.",
  VOUCHER_SIGNATURE: "The voucher is not signed by the card it names.",
  UNKNOWN_ISSUER_KEY: "The allowance names an issuer key that this issuer never had.",
  ALLOWANCE_SIGNATURE: "The allowance is not signed by the issuer for this card.",
  MALFORMED_VOUCHER: "The voucher's fields are out of range.",
  CANCELLATION_UNTRUSTED: "The reversal is not signed by the terminal that made the request.",
  STATE_PROOF_SIGNATURE: "The proof of state is not signed by the card it names.",
  SET_ASIDE_UNTRUSTED: "The upload that was set aside is not this terminal's.",
} as const;

export type RefusalCode = keyof typeof refusals;

/** What the judge calls worth nothing, in the words of an upload's answer (spec §6.8). */
export const refusalOf = {
  MALFORMED_VOUCHER: "MALFORMED_VOUCHER",
  WRONG_DOMAIN: "WRONG_DOMAIN",
  FOREIGN_PAYEE: "FOREIGN_PAYEE",
  CARD_KEY_INVALID: "MALFORMED_VOUCHER",
  ISSUER_KEY_UNKNOWN: "UNKNOWN_ISSUER_KEY",
  ALLOWANCE_SIGNATURE_WRONG: "ALLOWANCE_SIGNATURE",
  CONTEXT_MISMATCH: "CONTEXT_MISMATCH",
  VOUCHER_SIGNATURE_WRONG: "VOUCHER_SIGNATURE",
} as const satisfies Readonly<Record<WorthlessCode, RefusalCode>>;

/** A voucher whose signatures hold. */
export interface VerifiedVoucher {
  readonly kind: "voucher";
  readonly position: number;
  readonly id: Uint8Array;
  readonly card: Uint8Array;
  readonly cardKey: Uint8Array;
  readonly counter: number;
  readonly payee: Uint8Array;
  readonly amount: bigint;
  readonly message: Uint8Array;
  readonly context: Uint8Array;
  readonly signature: Uint8Array;
  readonly parity: 0 | 1;
  readonly allowanceBody: Uint8Array;
  readonly allowanceSignature: Uint8Array;
  /** The one that the card names. */
  readonly allowanceSeq: number;
  /** The issuer signed that one, and it came along. */
  readonly showsAllowance: boolean;
  readonly terminalId: Uint8Array;
  readonly time: number;
  readonly spent: bigint;
  readonly link: Uint8Array;
  /** The PAY request it answers, rebuilt: a reversal names the same bytes. */
  readonly request: Uint8Array;
  /** The first for which the issuer does not promise it (spec §6.8); null where it does. */
  readonly dispute: ExcessCode | null;
}

export interface RefusedEntry {
  readonly kind: "refused";
  readonly position: number;
  /** Whether the entry was a voucher; only vouchers appear in the answer. */
  readonly entry: "voucher" | "reversal" | "stateProof" | "challenge" | "setAside";
  readonly id: Uint8Array;
  readonly code: RefusalCode;
}

export interface VerifiedReversal {
  readonly kind: "reversal";
  readonly position: number;
  /** SHA-256 of `TLYX`. */
  readonly id: Uint8Array;
  readonly cardKey: Uint8Array;
  readonly request: Uint8Array;
  readonly payee: Uint8Array;
  readonly terminalId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface VerifiedStateProof {
  readonly kind: "stateProof";
  readonly position: number;
  readonly card: Uint8Array;
  readonly proof: Uint8Array;
  readonly signature: Uint8Array;
  readonly counter: number;
  readonly spent: bigint;
  readonly seq: number;
  readonly state: number;
}

/** Makes the upload unpredictable: nothing of it is kept by itself. */
export interface VerifiedChallenge {
  readonly kind: "challenge";
  readonly position: number;
}

/** Explains an earlier number of this terminal, by the terminal's own signature. */
export interface VerifiedSetAside {
  readonly kind: "setAside";
  readonly position: number;
  readonly upload: Upload;
  readonly signature: Uint8Array;
}

export type EntryVerdict =
  | VerifiedVoucher
  | RefusedEntry
  | VerifiedReversal
  | VerifiedStateProof
  | VerifiedChallenge
  | VerifiedSetAside;
