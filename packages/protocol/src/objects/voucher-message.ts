import { type Address, addressField } from "../parties/address.ts";
import { type Domain, domainField } from "../parties/domain.ts";
import { amount, fixedBytes, unsigned } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";

/**
 * M, what a card signs for one payment (spec §3.1). The card is not in it: it is recovered from the
 * signature.
 */
export interface VoucherMessage {
  readonly domain: Domain;
  /** The merchant's payout address, not zero. */
  readonly payee: Address;
  /** 1, 2, 3 … for each card. */
  readonly counter: number;
  /** Units, at least 1. */
  readonly amount: bigint;
  /** The first 20 bytes of SHA-256(D). */
  readonly context: Uint8Array;
}

const layout = defineLayout<VoucherMessage>({
  object: "VoucherMessage",
  head: "TLY1",
  fields: {
    domain: domainField,
    payee: addressField,
    counter: unsigned(4, { minimum: 1 }),
    amount: amount(1n),
    context: fixedBytes(20),
  },
});

/** Bytes of M: 82. */
export const VOUCHER_MESSAGE_LENGTH: number = layout.length;

/**
 * Writes M as its 82 bytes (spec §3.1). Throws ProtocolError where a field is not what it may be.
 */
export function encodeVoucherMessage(message: VoucherMessage): Uint8Array {
  return layout.encode(message);
}

/** Reads M from exactly 82 bytes; throws ProtocolError. */
export function decodeVoucherMessage(bytes: Uint8Array): VoucherMessage {
  return layout.decode(bytes);
}

/** A field that holds M. */
export const voucherMessageField: Field<VoucherMessage> = nested(layout);
