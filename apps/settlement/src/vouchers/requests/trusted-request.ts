import {
  decodeMerchantCertificate,
  decodeTerminalRequest,
  digestOf,
  encodeDomain,
  equalBytes,
  type Domain,
  type MerchantCertificate,
  type TerminalRequest,
} from "@tallystick/protocol";
import type { SignatureEngine } from "../../foundation/keys/signature-engine.ts";

/** The five byte strings of a request, as they came. */
export interface RequestBytes {
  readonly request: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificate: Uint8Array;
  readonly certificateSignature: Uint8Array;
  readonly body: Uint8Array;
}

/** A request of a certified terminal, and its body that no decoder has read yet. */
export interface TrustedRequest {
  readonly request: TerminalRequest;
  readonly certificate: MerchantCertificate;
  readonly body: Uint8Array;
}

/** Why a request is not trusted. */
export type RequestFault = "DOMAIN" | "CERTIFICATE" | "CERTIFICATE_SIGNATURE" | "REQUEST_SIGNATURE" | "BODY_HASH";

/** Whom a request must be of. */
export interface RequestContext {
  readonly domain: Domain;
  readonly issuerKeys: readonly { readonly id: number; readonly publicKey: Uint8Array }[];
  readonly engine: Pick<SignatureEngine, "verify">;
}

/**
 * Verifies who asks (spec §6.13); neither time nor nonce. Throws ProtocolError where `TLYW` or
 * `TLYM` have no such form.
 */
export function readTrustedRequest(bytes: RequestBytes, context: RequestContext): TrustedRequest | RequestFault {
  const request = decodeTerminalRequest(bytes.request);
  const certificate = decodeMerchantCertificate(bytes.certificate);
  return faultOf(bytes, { request, certificate }, context) ?? { request, certificate, body: bytes.body };
}

function faultOf(
  bytes: RequestBytes,
  { request, certificate }: Pick<TrustedRequest, "request" | "certificate">,
  { domain, issuerKeys, engine }: RequestContext,
): RequestFault | null {
  const own = encodeDomain(domain);
  if (!equalBytes(encodeDomain(request.domain), own)) return "DOMAIN";
  if (!equalBytes(encodeDomain(certificate.domain), own)) return "DOMAIN";
  if (!equalBytes(certificate.payee, request.payee)) return "CERTIFICATE";
  if (!equalBytes(certificate.terminalId, request.terminalId)) return "CERTIFICATE";
  const issuer = issuerKeys.find(({ id }) => id === certificate.issuerKeyId);
  if (issuer === undefined) return "CERTIFICATE_SIGNATURE";
  const certified = engine.verify(bytes.certificateSignature, digestOf(bytes.certificate), issuer.publicKey);
  if (!certified) return "CERTIFICATE_SIGNATURE";
  if (!engine.verify(bytes.signature, digestOf(bytes.request), certificate.terminalKey)) return "REQUEST_SIGNATURE";
  return equalBytes(digestOf(bytes.body), request.bodyHash) ? null : "BODY_HASH";
}
