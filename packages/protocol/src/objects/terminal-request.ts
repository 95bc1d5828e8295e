import { fixedBytes, oneOf, unsigned } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { type Address, addressField } from "../parties/address.ts";
import { type Domain, domainField } from "../parties/domain.ts";

/** What a terminal may ask settlement (spec §6.13). */
export const terminalRequestKinds = Object.freeze({
  mailbox: 1,
  voucherStates: 2,
  refundOrder: 3,
  renewal: 4,
  voucherList: 5,
  payee: 6,
} as const);

/** 1 mailbox, 2 voucher states, 3 refund order, 4 renewal, 5 list of vouchers, 6 payee. */
export type TerminalRequestKind = (typeof terminalRequestKinds)[keyof typeof terminalRequestKinds];

/** `TLYW`: what a terminal asks settlement about its own payments (spec §3.7, §6.13). */
export interface TerminalRequest {
  readonly domain: Domain;
  readonly payee: Address;
  /** 8 bytes. */
  readonly terminalId: Uint8Array;
  readonly kind: TerminalRequestKind;
  /** Seconds, from the terminal's live answer. */
  readonly time: number;
  /** 16 bytes from the terminal's CSPRNG; each serves once. */
  readonly nonce: Uint8Array;
  /** SHA-256 of the request's body, 32 bytes. */
  readonly bodyHash: Uint8Array;
}

const layout = defineLayout<TerminalRequest>({
  object: "TerminalRequest",
  head: "TLYW",
  fields: {
    domain: domainField,
    payee: addressField,
    terminalId: fixedBytes(8),
    kind: oneOf(Object.values(terminalRequestKinds)),
    time: unsigned(4),
    nonce: fixedBytes(16),
    bodyHash: fixedBytes(32),
  },
});

/** Bytes of a terminal's request: 113. */
export const TERMINAL_REQUEST_LENGTH: number = layout.length;

/**
 * Writes `TLYW` as its 113 bytes (spec §3.7). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeTerminalRequest(request: TerminalRequest): Uint8Array {
  return layout.encode(request);
}

/** Reads `TLYW` from exactly 113 bytes; throws ProtocolError. */
export function decodeTerminalRequest(bytes: Uint8Array): TerminalRequest {
  return layout.decode(bytes);
}
