import { type Address, addressField } from "../parties/address.ts";
import { type Domain, domainField } from "../parties/domain.ts";
import { amount, unsigned, wide } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";
import { MAX_ALLOWANCE_FLAGS, NEW_NO_PIN_SUMS } from "../bytes/limits.ts";

/**
 * What the issuer allows a card to spend offline (spec §3.3); SELECT and UPDATE ALLOWANCE carry
 * these 62 bytes.
 */
export interface AllowanceBody {
  /** Which of the issuer's keys signed, 0–255. */
  readonly issuerKeyId: number;
  /** At least 1; a newer one replaces the older. */
  readonly seq: number;
  /** Units; hard cap of `spent`. */
  readonly maxSpent: bigint;
  /** Units; above it the terminal should go online if it can. */
  readonly softSpent: bigint;
  /** Hard cap of `counter`. */
  readonly maxCounter: number;
  /** Units; hard cap of one payment. */
  readonly perTap: bigint;
  /** Units; a payment above needs the PIN. */
  readonly pinAbove: bigint;
  /**
   * Units since the last PIN, or the last allowance that starts the sums anew; a payment that takes
   * the sum above needs the PIN.
   */
  readonly noPinSum: bigint;
  /** The same for the number of payments, 0–255. */
  readonly noPinCount: number;
  /** Seconds, inclusive. */
  readonly notBefore: number;
  /** Seconds, inclusive. */
  readonly notAfter: number;
  /** Place in the status list. */
  readonly cardIndex: number;
  /** Bit n allows merchant category n. */
  readonly categories: bigint;
  /**
   * Bit 0 the payee's certificate must be shown to the card, bits 1–2 assurance class, bit 3 the
   * no-PIN sums start anew; 0–15.
   */
  readonly flags: number;
}

/** The issuer's offline authorization: the body for one card of one domain (spec §3.3). */
export interface Allowance {
  readonly domain: Domain;
  readonly card: Address;
  readonly body: AllowanceBody;
}

/** 0 secure element, 1 trusted hardware, 2 software, 3 refused by terminals. */
export type AssuranceClass = 0 | 1 | 2 | 3;

const bodyLayout = defineLayout<AllowanceBody>({
  object: "AllowanceBody",
  head: "",
  fields: {
    issuerKeyId: unsigned(1),
    seq: unsigned(4, { minimum: 1 }),
    maxSpent: amount(),
    softSpent: amount(),
    maxCounter: unsigned(4),
    perTap: amount(),
    pinAbove: amount(),
    noPinSum: amount(),
    noPinCount: unsigned(1),
    notBefore: unsigned(4),
    notAfter: unsigned(4),
    cardIndex: unsigned(4),
    categories: wide(8),
    flags: unsigned(2, { maximum: MAX_ALLOWANCE_FLAGS }),
  },
});

/** A field that holds the body. */
export const allowanceBodyField: Field<AllowanceBody> = nested(bodyLayout);

const layout = defineLayout<Allowance>({
  object: "Allowance",
  head: "TLYA",
  fields: { domain: domainField, card: addressField, body: allowanceBodyField },
});

/** Bytes of the body: 62. */
export const ALLOWANCE_BODY_LENGTH: number = bodyLayout.length;

/** Bytes of A: 114. */
export const ALLOWANCE_LENGTH: number = layout.length;

/**
 * Writes the body as its 62 bytes (spec §3.3). Throws ProtocolError where a field is not what it
 * may be.
 */
export function encodeAllowanceBody(body: AllowanceBody): Uint8Array {
  return bodyLayout.encode(body);
}

/** Reads the body from exactly 62 bytes; throws ProtocolError. */
export function decodeAllowanceBody(bytes: Uint8Array): AllowanceBody {
  return bodyLayout.decode(bytes);
}

/**
 * Writes A as its 114 bytes (spec §3.3). Throws ProtocolError where a field is not what it may be.
 */
export function encodeAllowance(allowance: Allowance): Uint8Array {
  return layout.encode(allowance);
}

/** Reads A from exactly 114 bytes; throws ProtocolError. */
export function decodeAllowance(bytes: Uint8Array): Allowance {
  return layout.decode(bytes);
}

/** Bits 1–2 of the flags (spec §3.3). */
export function assuranceClass(body: AllowanceBody): AssuranceClass {
  switch ((body.flags >> 1) & 3) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return 2;
    default:
      return 3;
  }
}

/**
 * Bit 0 of the flags: the card pays only a payee whose certificate was presented to it (spec §3.3).
 */
export function certificateRequired(body: AllowanceBody): boolean {
  return (body.flags & 1) === 1;
}

/**
 * Bit 3 of the flags: the card that takes this allowance starts its no-PIN sums anew; without it they
 * stay as they are (spec §4.11).
 */
export function renewsNoPinSums(body: AllowanceBody): boolean {
  return (body.flags & NEW_NO_PIN_SUMS) !== 0;
}

/**
 * Whether the allowance lets the card pay merchants of this category (0–63); false for any other
 * number (spec §3.3).
 */
export function categoryAllowed(body: AllowanceBody, category: number): boolean {
  return category >= 0 && category <= 63 && ((body.categories >> BigInt(category)) & 1n) === 1n;
}
