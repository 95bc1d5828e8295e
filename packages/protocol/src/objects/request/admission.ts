import { fixedBytes, unsigned } from "../../bytes/fields.ts";
import { defineLayout } from "../../bytes/layout.ts";
import { type Domain, domainField } from "../../parties/domain.ts";

/**
 * `TLYJ`: an issuer admits a terminal that asked with `TLYQ`: by which certificate, and on which terms
 * (spec §3.13).
 */
export interface Admission {
  readonly domain: Domain;
  /** Of the key that signs it, and the certificate. */
  readonly issuerKeyId: number;
  /** Seconds; a terminal takes none that is older than the one it holds. */
  readonly issuedAt: number;
  /** SHA-256 of `TLYQ`, 32 bytes. */
  readonly requestHash: Uint8Array;
  /** SHA-256 of `TLYM`, 32 bytes. */
  readonly certificateHash: Uint8Array;
  /** SHA-256 of the terms' text, 32 bytes. */
  readonly termsHash: Uint8Array;
}

const layout = defineLayout<Admission>({
  object: "Admission",
  head: "TLYJ",
  fields: {
    domain: domainField,
    issuerKeyId: unsigned(1),
    issuedAt: unsigned(4),
    requestHash: fixedBytes(32),
    certificateHash: fixedBytes(32),
    termsHash: fixedBytes(32),
  },
});

/** Bytes of an admission: 133. */
export const ADMISSION_LENGTH: number = layout.length;

/**
 * Writes `TLYJ` as its 133 bytes (spec §3.13). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeAdmission(admission: Admission): Uint8Array {
  return layout.encode(admission);
}

/** Reads `TLYJ` from exactly 133 bytes; throws ProtocolError. */
export function decodeAdmission(bytes: Uint8Array): Admission {
  return layout.decode(bytes);
}
