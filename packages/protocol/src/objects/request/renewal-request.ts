import { assertLength, concatBytes, copyBytes } from "../../bytes/bytes.ts";
import { SIGNATURE_LENGTH } from "../../bytes/signature-form.ts";
import {
  CERTIFICATE_REQUEST_LENGTH,
  decodeCertificateRequest,
  type CertificateRequest,
} from "./certificate-request.ts";

const object = "RenewalRequest";

/** The body of a request of kind 4: a certificate request with its signature (spec §6.13). */
export interface RenewalRequest {
  readonly request: CertificateRequest;
  /** The 130 bytes of `TLYQ`, which are signed. */
  readonly bytes: Uint8Array;
  /** r ‖ s, 64 bytes, by the key that the request names. */
  readonly signature: Uint8Array;
}

/** Bytes of the body of a request of kind 4: 194. */
export const RENEWAL_REQUEST_LENGTH: number = CERTIFICATE_REQUEST_LENGTH + SIGNATURE_LENGTH;

/** Writes `TLYQ` ‖ signature of r ‖ s (spec §6.13). Throws ProtocolError for other lengths. */
export function encodeRenewalRequest({ bytes, signature }: Omit<RenewalRequest, "request">): Uint8Array {
  assertLength(bytes, CERTIFICATE_REQUEST_LENGTH, object);
  assertLength(signature, SIGNATURE_LENGTH, `${object} signature`);
  return concatBytes(bytes, signature);
}

/** Reads the body of a request of kind 4; the signature is not verified. Throws ProtocolError. */
export function decodeRenewalRequest(body: Uint8Array): RenewalRequest {
  assertLength(body, RENEWAL_REQUEST_LENGTH, object);
  const bytes = copyBytes(body, 0, CERTIFICATE_REQUEST_LENGTH);
  const signature = copyBytes(body, CERTIFICATE_REQUEST_LENGTH, SIGNATURE_LENGTH);
  return { request: decodeCertificateRequest(bytes), bytes, signature };
}
