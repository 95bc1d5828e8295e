import {
  CERTIFICATE_REQUEST_SECONDS,
  CLOCK_SKEW_SECONDS,
  digestOf,
  encodeDomain,
  equalBytes,
  MAX_U32,
  type MerchantCertificate,
  type RenewalRequest,
} from "@tallystick/protocol";
import type { SignatureEngine } from "../../foundation/keys/signature-engine.ts";
import type { CertificateTerms } from "./merchants.ts";

/** Why a certificate is not renewed. */
export type RenewalFault = "OtherTerminal" | "BadSignature" | "OutOfTime";

/** A terminal's last certificate. */
export interface LastCertificate {
  readonly terms: CertificateTerms;
  /** For how many seconds settlement renewed it; null where a person had it made. */
  readonly renewedSeconds: number | null;
}

/** What stands against a request for the certificate by which it is made (spec §6.13); `now` in seconds. */
export function renewalFault(
  { request, bytes, signature }: RenewalRequest,
  held: MerchantCertificate,
  { engine, now }: { readonly engine: Pick<SignatureEngine, "verify">; readonly now: number },
): RenewalFault | null {
  const isOfTerminal =
    equalBytes(encodeDomain(request.domain), encodeDomain(held.domain)) &&
    equalBytes(request.payee, held.payee) &&
    equalBytes(request.terminalId, held.terminalId) &&
    equalBytes(request.terminalKey, held.terminalKey) &&
    request.category === held.category;
  if (!isOfTerminal) return "OtherTerminal";
  if (!engine.verify(signature, digestOf(bytes), held.terminalKey)) return "BadSignature";
  const age = now - request.time;
  return age < -CLOCK_SKEW_SECONDS || age > CERTIFICATE_REQUEST_SECONDS + CLOCK_SKEW_SECONDS ? "OutOfTime" : null;
}

/**
 * The terms of the certificate that is answered: the last ones while they are not near their end, the
 * very same object; else as long again from that end, or from now where it is past. Near is
 * `renewalSeconds`, and at most half of the length. The first notBefore stays.
 */
export function nextTerms(
  last: LastCertificate,
  at: { readonly held: MerchantCertificate; readonly now: number; readonly renewalSeconds: number },
): LastCertificate {
  const { notBefore, notAfter } = last.terms;
  const length = last.renewedSeconds ?? notAfter - notBefore;
  const near = Math.min(at.renewalSeconds, Math.floor(length / 2));
  if (at.now < notAfter - near) return last;
  const terms = {
    ...last.terms,
    notBefore: Math.min(notBefore, at.held.notBefore),
    notAfter: Math.min(MAX_U32, Math.max(notAfter, at.now) + length),
  };
  return { terms, renewedSeconds: length };
}
