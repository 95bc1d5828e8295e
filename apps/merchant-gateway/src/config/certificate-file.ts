import { readFileSync, statSync } from "node:fs";
import { MAX_ISSUER_KEYS } from "@tallystick/program";
import { fromHex, MERCHANT_CERTIFICATE_LENGTH, toHex } from "@tallystick/protocol";
import { type HeldAdmission, readAdmission } from "./admission.ts";
import type { GivenCertificate, KeptAdmission, ServedDomain } from "./gateway-config.ts";
import { PRIVATE_FILE_MODE } from "./limits.ts";
import { replaceFile } from "./replace-file.ts";

/** A certificate's file: settlement's answer as it is, with the admission where the terminal joined by itself. */
type FileContent = Readonly<Record<string, unknown>>;

/** Settlement's answer as it is: `others` are there while several issuer keys sign. Throws where it is none. */
export function certificateOfFile(path: string): GivenCertificate {
  const { others = [], ...present } = contentOf(path);
  if (!Array.isArray(others) || others.length > MAX_ISSUER_KEYS)
    throw new RangeError("others is no list of certificates");
  return { ...signedOf(present), others: others.map((other) => signedOf(other as Record<string, unknown>)) };
}

function contentOf(path: string): FileContent {
  return JSON.parse(readFileSync(path, "utf8")) as FileContent;
}

function signedOf({ certificate, signature }: Record<string, unknown>): GivenCertificate {
  return { certificate: fromHex(certificate, MERCHANT_CERTIFICATE_LENGTH), signature: fromHex(signature, 64) };
}

/** What the issuer signed beside a certificate, and where it came from; null where it stands alone. Throws AdmissionError. */
export function keptAdmission(
  path: string,
  domain: Pick<ServedDomain, "domain" | "asset" | "issuerKeys">,
): (HeldAdmission & { readonly kept: KeptAdmission }) | null {
  const { admission, settlementUrl } = contentOf(path);
  if (admission === undefined) return null;
  const held = readAdmission(admission, domain);
  if (typeof settlementUrl !== "string") throw new RangeError("settlementUrl is not there");
  return { ...held, kept: keptOf(held, settlementUrl) };
}

/** An admission as the configuration keeps it. */
export function keptOf(
  { answer, head, uploadWindowSeconds, vaultDelaySeconds }: HeldAdmission,
  sentTo: string,
): KeptAdmission {
  return { answer, issuedAt: head.issuedAt, sentTo, uploadWindowSeconds, vaultDelaySeconds };
}

/**
 * Puts a certificate into its file, as a whole and durable when it returns, with the rights that the file has; the
 * admission stays beside it. Throws where it cannot be written.
 */
export function writeCertificate(
  path: string,
  { others = [], ...present }: GivenCertificate,
  admission?: KeptAdmission,
): void {
  const content = {
    ...textOf(present),
    ...(others.length === 0 ? {} : { others: others.map(textOf) }),
    ...(admission === undefined ? {} : { settlementUrl: admission.sentTo, admission: admission.answer }),
  };
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? PRIVATE_FILE_MODE;
  replaceFile(path, `${JSON.stringify(content)}\n`, mode);
}

function textOf({ certificate, signature }: GivenCertificate) {
  return { certificate: toHex(certificate), signature: toHex(signature) };
}
