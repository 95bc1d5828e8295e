import { concatBytes, copyBytes, isBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { SIGNATURE_LENGTH } from "../bytes/signature-form.ts";
import { MERCHANT_CERTIFICATE_LENGTH } from "./merchant-certificate.ts";

/**
 * What a certified terminal sends, before anything of it is read: an object that it signed, the
 * certificate of its key, and the body whose hash stands in the object.
 */
export interface CertifiedBytes {
  /** `TLYU` (spec §3.7) or `TLYW` (spec §6.13). */
  readonly object: Uint8Array;
  /** The terminal's over the object, 64 bytes. */
  readonly signature: Uint8Array;
  /** `TLYM`, 163 bytes. */
  readonly certificate: Uint8Array;
  /** The issuer's over the certificate, 64 bytes. */
  readonly certificateSignature: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * Writes the parts back to back: object ‖ signature ‖ certificate ‖ signature ‖ body (spec §6.7).
 */
export function joinCertifiedBytes(parts: CertifiedBytes): Uint8Array {
  return concatBytes(parts.object, parts.signature, parts.certificate, parts.certificateSignature, parts.body);
}

/**
 * Cuts an octet stream into its parts, none of which is read (spec §6.7). The body is what is left
 * and may be empty. Throws ProtocolError WRONG_TYPE, or WRONG_LENGTH where the parts before the
 * body are not all there.
 */
export function splitCertifiedBytes(bytes: Uint8Array, objectLength: number): CertifiedBytes {
  const place = { object: "CertifiedBytes", field: "bytes" };
  if (!isBytes(bytes)) throw new ProtocolError("WRONG_TYPE", { ...place, expected: "bytes", actual: typeof bytes });
  const least = objectLength + 2 * SIGNATURE_LENGTH + MERCHANT_CERTIFICATE_LENGTH;
  if (bytes.length < least)
    throw new ProtocolError("WRONG_LENGTH", { ...place, expected: `at least ${least}`, actual: bytes.length });
  let at = 0;
  const next = (length: number): Uint8Array => {
    at += length;
    return copyBytes(bytes, at - length, length);
  };
  return {
    object: next(objectLength),
    signature: next(SIGNATURE_LENGTH),
    certificate: next(MERCHANT_CERTIFICATE_LENGTH),
    certificateSignature: next(SIGNATURE_LENGTH),
    body: copyBytes(bytes, at),
  };
}
