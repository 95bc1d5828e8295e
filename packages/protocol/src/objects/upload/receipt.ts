import { fixedBytes, unsigned } from "../../bytes/fields.ts";
import { defineLayout } from "../../bytes/layout.ts";
import { type Address, addressField } from "../../parties/address.ts";
import { type Domain, domainField } from "../../parties/domain.ts";

/**
 * `TLYR`: settlement had the bytes of an upload at a time; not that they are good (spec §3.10).
 */
export interface Receipt {
  readonly domain: Domain;
  /** Of the certificate shown with the upload. */
  readonly issuerKeyId: number;
  readonly payee: Address;
  /** 8 bytes. */
  readonly terminalId: Uint8Array;
  readonly uploadSeq: number;
  /** SHA-256 of the 128 bytes of `TLYU`, 32 bytes. */
  readonly uploadHash: Uint8Array;
  /** Seconds; when settlement had the upload first. */
  readonly receivedAt: number;
}

const layout = defineLayout<Receipt>({
  object: "Receipt",
  head: "TLYR",
  fields: {
    domain: domainField,
    issuerKeyId: unsigned(1),
    payee: addressField,
    terminalId: fixedBytes(8),
    uploadSeq: unsigned(4, { minimum: 1 }),
    uploadHash: fixedBytes(32),
    receivedAt: unsigned(4),
  },
});

/** Bytes of a receipt: 101. */
export const RECEIPT_LENGTH: number = layout.length;

/**
 * Writes `TLYR` as its 101 bytes (spec §3.10). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return layout.encode(receipt);
}

/** Reads `TLYR` from exactly 101 bytes; throws ProtocolError. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  return layout.decode(bytes);
}
