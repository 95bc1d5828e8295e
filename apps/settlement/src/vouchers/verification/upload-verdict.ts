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
  ALLOWANCE_SEQUENCE: "The voucher was paid under another allowance than the one that came with it.",
  MALFORMED_VOUCHER: "The voucher's fields are out of range.",
  CANCELLATION_UNTRUSTED: "The reversal is not signed by the terminal that made the request.",
  STATE_PROOF_SIGNATURE: "The proof of state is not signed by the card it names.",
} as const;

export type RefusalCode = keyof typeof refusals;

/**
 * Why a voucher is taken and paid by the vault as far as it can, but not promised by the issuer: it
 * arrived too late, or exceeds a cap that its card or terminal should have kept.
 */
export const disputes = {
  LATE: "It arrived after the upload window.",
  AHEAD_OF_CLOCK: "It claims a time that has not come yet.",
  ABOVE_PER_TAP: "It is above the allowance's limit per payment.",
  ABOVE_MAX_SPENT: "It takes the card above the allowance's spending cap.",
  ABOVE_MAX_COUNTER: "Its counter is above the allowance's cap.",
  CATEGORY_NOT_ALLOWED: "The allowance does not allow the merchant's category.",
  OUTSIDE_ALLOWANCE: "It was paid outside the allowance's validity.",
  ABOVE_CERTIFICATE: "It is above the terminal's certified limit per payment.",
  OUTSIDE_CERTIFICATE: "It was paid outside the certificate's validity.",
  CERTIFICATE_CATEGORY: "It names another category than the certificate.",
  OTHER_TERMINAL: "It was taken by another terminal than the certificate names.",
  SOFTWARE_CARD: "A software card's voucher is promised only once its settlement is final.",
} as const;

export type DisputeCode = keyof typeof disputes;

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
  readonly allowanceSeq: number;
  readonly terminalId: Uint8Array;
  readonly time: number;
  readonly spent: bigint;
  readonly link: Uint8Array;
  /** The PAY request it answers, rebuilt: a reversal names the same bytes. */
  readonly request: Uint8Array;
  readonly dispute: DisputeCode | null;
}

export interface RefusedEntry {
  readonly kind: "refused";
  readonly position: number;
  /** Whether the entry was a voucher; only vouchers appear in the answer. */
  readonly entry: "voucher" | "reversal" | "stateProof";
  readonly id: Uint8Array;
  readonly code: RefusalCode;
}

export interface VerifiedReversal {
  readonly kind: "reversal";
  readonly position: number;
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

export type EntryVerdict = VerifiedVoucher | RefusedEntry | VerifiedReversal | VerifiedStateProof;
