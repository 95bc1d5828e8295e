import { digestOf, encodeOrderReport, toHex, type Domain, type Signer } from "@tallystick/protocol";
import type { StoredCertificate } from "../journal/journal.ts";
import type { ReportLines } from "./build-report.ts";
import type { SignatureLine } from "@tallystick/program";

/**
 * The report as a file: a JSON object a line, the last one with the signature of the station's terminal over all before it, and
 * the certificate by which the issuer vouches for that terminal (spec §3.7, `TLYI`).
 */
export async function signedReport(
  { head, cards, sum }: ReportLines,
  {
    domain,
    signer,
    certificate,
  }: { readonly domain: Domain; readonly signer: Signer; readonly certificate: StoredCertificate },
): Promise<string> {
  const body = [head, ...cards, sum].map((line) => `${JSON.stringify(line)}\n`).join("");
  const reportHash = digestOf(new TextEncoder().encode(body));
  const signature = await signer.sign(digestOf(encodeOrderReport({ domain, reportHash })));
  const line: SignatureLine = {
    line: "signature",
    certificate: toHex(certificate.certificate),
    certificateSignature: toHex(certificate.signature),
    signature: toHex(signature),
  };
  return `${body}${JSON.stringify(line)}\n`;
}
