import { toHex } from "../../bytes/hex.ts";
import { fixedBytes, publicKey, unsigned } from "../../bytes/fields.ts";
import { defineLayout } from "../../bytes/layout.ts";
import { MAX_CATEGORY } from "../../bytes/limits.ts";
import { type Address, addressField } from "../../parties/address.ts";
import { type Domain, domainField } from "../../parties/domain.ts";
import { digestOf } from "../../parties/signing.ts";

/** `TLYQ`: what a terminal asks its issuer to certify, signed by the key that it asks for (spec §3.12). */
export interface CertificateRequest {
  readonly domain: Domain;
  readonly payee: Address;
  /** 8 bytes. */
  readonly terminalId: Uint8Array;
  /** Uncompressed, 65 bytes. */
  readonly terminalKey: Uint8Array;
  /** 0–63. */
  readonly category: number;
  /** Seconds. */
  readonly time: number;
}

const layout = defineLayout<CertificateRequest>({
  object: "CertificateRequest",
  head: "TLYQ",
  fields: {
    domain: domainField,
    payee: addressField,
    terminalId: fixedBytes(8),
    terminalKey: publicKey(65),
    category: unsigned(1, { maximum: MAX_CATEGORY }),
    time: unsigned(4),
  },
});

/** Bytes of a certificate request: 130. */
export const CERTIFICATE_REQUEST_LENGTH: number = layout.length;

/**
 * Writes `TLYQ` as its 130 bytes (spec §3.12). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeCertificateRequest(request: CertificateRequest): Uint8Array {
  return layout.encode(request);
}

/** Reads `TLYQ` from exactly 130 bytes; throws ProtocolError. */
export function decodeCertificateRequest(bytes: Uint8Array): CertificateRequest {
  return layout.decode(bytes);
}

/** What people compare on both screens: the first 20 hexadecimal digits of SHA-256(`TLYQ`), lower case. */
export function certificateRequestDigits(bytes: Uint8Array): string {
  return toHex(digestOf(bytes).subarray(0, 10)).slice(2);
}
