import {
  decodeMerchantCertificate,
  decodeUpload,
  decodeUploadBody,
  digestOf,
  encodeDomain,
  equalBytes,
  type MerchantCertificate,
  type Upload,
} from "@tallystick/protocol";
import type { SignatureEngine } from "../../foundation/keys/signature-engine.ts";
import type { EntryVerdict } from "./upload-verdict.ts";
import { EntryVerifier, type VerificationContext } from "./verify-entry.ts";

/** The five byte strings of an upload, as they came. */
export interface UploadBytes {
  readonly upload: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificate: Uint8Array;
  readonly certificateSignature: Uint8Array;
  readonly body: Uint8Array;
}

/** Why the upload as a whole is not trusted. */
export type UploadFault = "CERTIFICATE" | "CERTIFICATE_SIGNATURE" | "UPLOAD_SIGNATURE" | "BODY_HASH" | "DOMAIN";

export type UploadVerdict =
  | { readonly ok: true; readonly upload: Upload; readonly entries: readonly EntryVerdict[] }
  | { readonly ok: false; readonly fault: UploadFault };

/**
 * Verifies an upload and every entry of it alone: pure, so that it runs in a worker thread. Throws
 * ProtocolError where the bytes of the upload or of its frame have no such form; a bad entry does
 * not affect the others.
 */
export function verifyUpload(bytes: UploadBytes, context: VerificationContext, engine: SignatureEngine): UploadVerdict {
  const upload = decodeUpload(bytes.upload);
  const certificate = decodeMerchantCertificate(bytes.certificate);
  const fault = uploadFault(bytes, upload, certificate, context, engine);
  if (fault !== null) return { ok: false, fault };
  const body = decodeUploadBody(bytes.body);
  const verifier = new EntryVerifier(certificate, context, engine);
  return { ok: true, upload, entries: body.entries.map((entry, position) => verifier.verify(entry, position)) };
}

function uploadFault(
  bytes: UploadBytes,
  upload: Upload,
  certificate: MerchantCertificate,
  context: VerificationContext,
  engine: SignatureEngine,
): UploadFault | null {
  const domain = encodeDomain(context.domain);
  if (!equalBytes(encodeDomain(upload.domain), domain)) return "DOMAIN";
  if (!equalBytes(encodeDomain(certificate.domain), domain)) return "DOMAIN";
  if (!equalBytes(certificate.payee, upload.payee)) return "CERTIFICATE";
  if (!equalBytes(certificate.terminalId, upload.terminalId)) return "CERTIFICATE";
  const issuer = context.issuerKeys.find((key) => key.id === certificate.issuerKeyId);
  if (issuer === undefined) return "CERTIFICATE_SIGNATURE";
  if (!engine.verify(bytes.certificateSignature, digestOf(bytes.certificate), issuer.publicKey)) {
    return "CERTIFICATE_SIGNATURE";
  }
  if (!engine.verify(bytes.signature, digestOf(bytes.upload), certificate.terminalKey)) return "UPLOAD_SIGNATURE";
  return equalBytes(digestOf(bytes.body), upload.bodyHash) ? null : "BODY_HASH";
}
