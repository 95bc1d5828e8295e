/** A deposit; one key of a card is one deposit. `reason` goes into the audit log. */
export interface FundingRequest {
  readonly amount: string;
  readonly key: string;
  readonly reason: string;
}

/** The limits of a card in the field that settlement changes; what is left out stays (spec §6.10). */
export interface LimitChange {
  readonly perTap?: string;
  readonly pinAbove?: string;
  readonly noPinSum?: string;
  readonly noPinCount?: number;
  /** 64 bits, in decimals. */
  readonly categories?: string;
  /** Seconds. */
  readonly notAfter?: number;
}

/** The keys that a card has or gets; `reason` goes into the audit log. */
export interface KeysChange {
  /** Check value. */
  readonly masterKey?: string;
  readonly issuerKeyId?: number;
  readonly reason: string;
}

/** Which cards of the register, and from which page on. */
export interface CardSearch {
  readonly reference?: string;
  /** valid, suspended, revoked or lost. */
  readonly state?: string;
  /** A part of a reference or of an address. */
  readonly q?: string;
  /** Check value of the master key that the cards' keys are of. */
  readonly masterKey?: string;
  readonly after?: string;
}
