import { readFileSync, writeFileSync } from "node:fs";
import { formatAmount } from "@tallystick/money";
import { ConfigError, faultAt, ProgramError } from "@tallystick/program";
import {
  certificateRequestDigits,
  decodeCertificateRequest,
  digestOf,
  encodeCertificateRequest,
  type Signer,
  toChecksumAddress,
  toHex,
  uncompressKey,
} from "@tallystick/protocol";
import type { GatewayConfig, GivenCertificate } from "../config/gateway-config.ts";
import { certificateOfFile } from "../config/certificate-file.ts";
import { type DomainPolicy, Policies } from "../config/policies.ts";
import type { PendingRequest } from "./pending-request.ts";

/** What is asked of the issuer for one currency; what people compare stands in `digits`. */
export interface RequestLine {
  readonly schema: "tallystick.certificate-request/1";
  readonly chainId: string;
  readonly vault: string;
  /** With its checksum (EIP-55), to be read back. */
  readonly payee: string;
  readonly terminalId: string;
  readonly category: number;
  /** Seconds. */
  readonly time: number;
  /** `TLYQ` and the terminal's signature, 0x hex. */
  readonly request: string;
  readonly signature: string;
  /** 20 hexadecimal digits, which must be the same on the issuer's screen. */
  readonly digits: string;
  /** The settlement that has it; null where it is written and printed only. */
  readonly sentTo: string | null;
  /** The request and its signature as a QR code in characters; null where it is printed only. */
  readonly qr: string | null;
}

/** A certificate that the pinned issuer keys have signed for this very terminal. */
export interface CertificateLine {
  readonly schema: "tallystick.certificate/1";
  readonly currency: string;
  readonly payee: string;
  readonly terminalId: string;
  readonly category: number;
  /** Seconds, inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly perTap: string;
  readonly unsentSum: string;
  readonly unsentCount: number;
  readonly perCardSum: string;
  /** Where it was written; null where it was only looked at. */
  readonly file: string | null;
}

export type EnrollLine = RequestLine | CertificateLine;

export interface EnrollCommand {
  readonly signer: Signer;
  /** Seconds. */
  readonly now: number;
  /** The issuer's answer; null asks for one. */
  readonly answer: string | null;
  /** File that is written. */
  readonly to: string | null;
}

/** Asks for certificates, or takes the issuer's answer. Throws ConfigError where it is not for this terminal, ProgramError. */
export async function runEnroll(
  config: GatewayConfig,
  command: EnrollCommand,
  report: (line: EnrollLine) => void,
): Promise<void> {
  if (command.answer !== null) {
    report(takeAnswer(config, command, command.answer));
    return;
  }
  const lines: RequestLine[] = [];
  for (const { domain } of config.domains) lines.push(await requestOf(config, domain, command));
  if (command.to !== null) write(command.to, { schema: "tallystick.certificate-requests/1", requests: lines });
  for (const line of lines) report(line);
}

async function requestOf(
  { payee, terminalId, category }: GatewayConfig,
  domain: GatewayConfig["domains"][number]["domain"],
  { signer, now: time }: EnrollCommand,
): Promise<RequestLine> {
  const terminalKey = uncompressKey(signer.publicKey);
  const request = encodeCertificateRequest({ domain, payee, terminalId, terminalKey, category, time });
  return {
    schema: "tallystick.certificate-request/1",
    ...{ chainId: String(domain.chainId), vault: toHex(domain.vault), payee: toChecksumAddress(payee) },
    ...{ terminalId: toHex(terminalId), category, time, request: toHex(request) },
    signature: toHex(await signer.sign(digestOf(request))),
    digits: certificateRequestDigits(request),
    ...{ sentTo: null, qr: null },
  };
}

/** A request that is under way at a settlement. */
export function sentLine(
  { request, signature, bytes }: Pick<PendingRequest, "request" | "signature" | "bytes">,
  sentTo: string,
  qr: string,
): RequestLine {
  const { domain, payee, terminalId, category, time } = decodeCertificateRequest(bytes);
  return {
    schema: "tallystick.certificate-request/1",
    ...{ chainId: String(domain.chainId), vault: toHex(domain.vault), payee: toChecksumAddress(payee) },
    ...{ terminalId: toHex(terminalId), category, time, request, signature },
    ...{ digits: certificateRequestDigits(bytes), sentTo, qr },
  };
}

/** The answer is believed by the pinned issuer keys alone (spec §3.12), and only for this terminal. */
function takeAnswer(config: GatewayConfig, { signer, to }: EnrollCommand, file: string): CertificateLine {
  let certificate: GivenCertificate;
  try {
    certificate = certificateOfFile(file);
  } catch (error) {
    throw new ConfigError([faultAt("--answer", error instanceof Error ? error.message : String(error))], "The answer");
  }
  const fitting = config.domains.flatMap((served) => {
    try {
      const policies = Policies.of({ ...config, domains: [{ ...served, certificate }] }, signer.publicKey);
      return policies.all();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return config.domains.length === 1 ? raise(error) : [];
    }
  });
  const [found] = fitting;
  if (found === undefined)
    throw new ConfigError([faultAt("--answer", "the certificate fits no domain of the configuration")], "The answer");
  if (to !== null) writeFileSync(to, readFileSync(file));
  return certificateLine(found, to);
}

function raise(error: ConfigError): never {
  throw error;
}

/** A certificate as it was taken. */
export function certificateLine(
  { served: { asset }, certificate, policy }: DomainPolicy,
  file: string | null,
): CertificateLine {
  if (certificate === null || policy === null) throw new Error("a certificate that was read is there");
  const { payee, terminalId, category, notBefore, notAfter, unsentCount } = certificate;
  const money = (units: bigint): string => formatAmount(units, asset);
  return {
    schema: "tallystick.certificate/1",
    ...{ currency: asset.code, payee: toChecksumAddress(payee), terminalId: toHex(terminalId), category },
    ...{ notBefore, notAfter, perTap: money(certificate.perTap), unsentSum: money(certificate.unsentSum), unsentCount },
    ...{ perCardSum: money(certificate.perCardSum), file },
  };
}

/** Overwrites nothing: the file may be a request that is on its way. */
function write(file: string, content: object): void {
  try {
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { flag: "wx" });
  } catch (error) {
    const { code = "" } = error as { readonly code?: string };
    const next = "Name a file that is not there yet, in a folder that can be written.";
    throw new ProgramError("REQUEST_FILE_UNWRITABLE", `${file} cannot be written (${code}).`, { exit: "usage", next });
  }
}

/** The lines for people: what to send, and what to compare. */
export function enrollText(line: EnrollLine): string {
  const time = (seconds: number): string => new Date(seconds * 1_000).toISOString();
  if (line.schema === "tallystick.certificate/1")
    return [
      `Certified for ${line.currency}: payee ${line.payee}, terminal ${line.terminalId}, category ${line.category},`,
      `${time(line.notBefore)} to ${time(line.notAfter)}; ${line.perTap} a payment, ${line.unsentSum} in ${line.unsentCount} payments unsent,`,
      `${line.perCardSum} of one card. Read the payee back digit by digit: it is paid, and nobody else.`,
      ...(line.file === null ? [] : [`It is in ${line.file}; that is the certificateFile of the configuration.`]),
    ].join("\n");
  return [
    `Request for vault ${line.vault} on chain ${line.chainId}: payee ${line.payee}, terminal ${line.terminalId}, category ${line.category}.`,
    `Compare with the issuer, all 20 digits: ${line.digits.replace(/(.{4})(?=.)/g, "$1 ")}`,
    ...(line.qr === null ? [] : [line.qr.trimEnd()]),
    ...(line.sentTo === null
      ? [`request   ${line.request}`, `signature ${line.signature}`]
      : [`It is at ${line.sentTo}. Read the digits and the payee to the issuer, and wait here for its decision.`]),
  ].join("\n");
}
