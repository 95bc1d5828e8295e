import type { ProtocolErrorCode } from "../bytes/errors.ts";
import type { Address } from "../parties/address.ts";
import type { CardObservation } from "./card-observation.ts";

/**
 * Why a voucher is worth nothing to whoever judges it, each with a sentence, in the order in which
 * the judge asks.
 */
export const worthlessCodes = {
  MALFORMED_VOUCHER: "Its bytes are not those of a voucher.",
  WRONG_DOMAIN: "It is for another vault or chain.",
  FOREIGN_PAYEE: "It pays another payee.",
  CARD_KEY_INVALID: "Its card key is no point of the curve.",
  ISSUER_KEY_UNKNOWN: "Its allowance names an issuer key that is not known.",
  ALLOWANCE_SIGNATURE_WRONG: "Its allowance is not signed by the issuer for this card.",
  CONTEXT_MISMATCH: "Its context is not the one that its message names.",
  VOUCHER_SIGNATURE_WRONG: "Its message is not signed by the card that it names.",
} as const;

/** A code of a voucher that is worth nothing. */
export type WorthlessCode = keyof typeof worthlessCodes;

/**
 * Why a voucher that its card signed is not promised by the issuer, although the vault pays it as
 * far as it can (spec §5.4, §6.8), each with a sentence, in the order in which the judge asks.
 */
export const excessCodes = {
  // The voucher and itself.
  SPENT_MISMATCH: "Its card spent less in all than its number of payments allows.",
  LINK_MISMATCH: "It is the card's first payment and names one before it.",
  SEQ_MISMATCH: "It was paid under another allowance than the one that came with it.",

  // The allowance's caps.
  OVER_VALIDITY: "It was paid outside the allowance's validity.",
  OVER_CATEGORY: "The allowance excludes the merchant's category.",
  OVER_PER_TAP: "It is above the allowance's limit for one payment.",
  OVER_NO_PIN: "It was paid without the PIN that the allowance demands.",
  OVER_COUNTER: "Its number is above the allowance's cap.",
  OVER_MAX_SPENT: "It takes the card above the allowance's spending cap.",

  // When it arrived.
  LATE: "It arrived after the upload window.",
  AHEAD_OF_CLOCK: "It names a time that had not come when it arrived.",

  // The terminal's certificate.
  ABOVE_CERTIFICATE: "It is above the terminal's certified limit for one payment.",
  OUTSIDE_CERTIFICATE: "It was paid outside the certificate's validity.",
  CERTIFICATE_CATEGORY: "It names another category than the certificate.",
  OTHER_TERMINAL: "It was taken by another terminal than the certificate names.",
  CERTIFICATE_WITHDRAWN: "It was paid after the issuer withdrew the certificate.",

  // The kind of card.
  SOFTWARE_CARD: "A software card paid it, above the sum that the issuer certified to the terminal.",
} as const;

/** A code of a voucher that is authentic and not promised. */
export type ExcessCode = keyof typeof excessCodes;

/** The codes by which a voucher contradicts itself or its allowance. */
export type AgreementCode = Extract<ExcessCode, `${string}_MISMATCH`>;

/** The codes of the allowance's caps. */
export type CapCode = Extract<ExcessCode, `OVER_${string}`>;

/** The caps' codes in their order. */
export const capCodes: readonly CapCode[] = Object.freeze([
  "OVER_VALIDITY",
  "OVER_CATEGORY",
  "OVER_PER_TAP",
  "OVER_NO_PIN",
  "OVER_COUNTER",
  "OVER_MAX_SPENT",
]);

/** A voucher whose signatures hold. */
export interface AuthenticVoucher {
  /** Derived from the card's key. */
  readonly card: Address;
  /** SHA-256(card ‖ M), 32 bytes. */
  readonly id: Uint8Array;
  /** What other vouchers of this card must agree with. */
  readonly observation: CardObservation;
  /** For the vault, which recovers the card from the signature. */
  readonly parity: 0 | 1;
}

/**
 * A voucher's verdict. `nothing`: nobody pays it; `fault` says what no decoder takes. `authentic`:
 * the card signed it and the vault pays it, but no promise of spec §1.1 covers it, for every one of
 * the codes. `promised`: it keeps everything that it was judged by.
 */
export type VoucherVerdict =
  | { readonly worth: "nothing"; readonly code: WorthlessCode; readonly fault?: ProtocolErrorCode }
  | {
      readonly worth: "authentic";
      readonly codes: readonly [ExcessCode, ...ExcessCode[]];
      readonly voucher: AuthenticVoucher;
    }
  | { readonly worth: "promised"; readonly voucher: AuthenticVoucher };
