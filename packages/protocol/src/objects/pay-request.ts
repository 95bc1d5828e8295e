import { type Address, addressField } from "../parties/address.ts";
import { amount, fixedBytes, unsigned } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";
import { MAX_CATEGORY } from "../bytes/limits.ts";

/** The data of PAY (spec §4.5); the card repeats its answer for exactly these 67 bytes. */
export interface PayRequest {
  /** 8 bytes: the card that is meant, in its domain. */
  readonly cardTag: Uint8Array;
  /** The number this voucher must get, at least 1. */
  readonly counter: number;
  readonly payee: Address;
  /** Units, at least 1. */
  readonly amount: bigint;
  /** Seconds, the terminal's clock. */
  readonly time: number;
  /** 16 random bytes, new for every request. */
  readonly challenge: Uint8Array;
  /** 8 bytes. */
  readonly terminalId: Uint8Array;
  /** 0–63. */
  readonly category: number;
}

const layout = defineLayout<PayRequest>({
  object: "PayRequest",
  head: "",
  fields: {
    cardTag: fixedBytes(8),
    counter: unsigned(4, { minimum: 1 }),
    payee: addressField,
    amount: amount(1n),
    time: unsigned(4),
    challenge: fixedBytes(16),
    terminalId: fixedBytes(8),
    category: unsigned(1, { maximum: MAX_CATEGORY }),
  },
});

/** Bytes of a PAY request: 67. */
export const PAY_REQUEST_LENGTH: number = layout.length;

/**
 * Writes the data of PAY as its 67 bytes (spec §4.5). Throws ProtocolError where a field is not
 * what it may be.
 */
export function encodePayRequest(request: PayRequest): Uint8Array {
  return layout.encode(request);
}

/** Reads the data of PAY from exactly 67 bytes; throws ProtocolError. */
export function decodePayRequest(bytes: Uint8Array): PayRequest {
  return layout.decode(bytes);
}

/** A field that holds a PAY request. */
export const payRequestField: Field<PayRequest> = nested(layout);
