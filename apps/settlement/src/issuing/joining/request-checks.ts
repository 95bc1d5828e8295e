import { isIPv6 } from "node:net";
import {
  CERTIFICATE_REQUEST_SECONDS,
  type CertificateRequest,
  CLOCK_SKEW_SECONDS,
  certificateRequestDigits,
  digestOf,
  type Domain,
  encodeDomain,
  equalBytes,
  toChecksumAddress,
} from "@tallystick/protocol";
import type { SignatureEngine } from "../../foundation/keys/signature-engine.ts";
import { ADDRESS_GROUPS, NETWORK_GROUPS } from "./limits.ts";

/** Why a request for a certificate cannot be approved by anybody. */
export type RequestFault = "OtherDomain" | "BadSignature" | "OutOfTime";

/** A request as it came. */
export interface SignedRequest {
  readonly request: CertificateRequest;
  /** The 130 bytes of `TLYQ`, which are signed. */
  readonly bytes: Uint8Array;
  /** r ‖ s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** What stands against a request (spec §3.12, §6.15); `now` in seconds. */
export function requestFault(
  { request, bytes, signature }: SignedRequest,
  {
    domain,
    engine,
    now,
  }: { readonly domain: Domain; readonly engine: Pick<SignatureEngine, "verify">; readonly now: number },
): RequestFault | null {
  if (!equalBytes(encodeDomain(request.domain), encodeDomain(domain))) return "OtherDomain";
  if (!engine.verify(signature, digestOf(bytes), request.terminalKey)) return "BadSignature";
  return isInTime(request.time, now) ? null : "OutOfTime";
}

/** Whether a request of this time may still be approved; both in seconds. */
export function isInTime(time: number, now: number): boolean {
  const age = now - time;
  return age >= -CLOCK_SKEW_SECONDS && age <= CERTIFICATE_REQUEST_SECONDS + CLOCK_SKEW_SECONDS;
}

/** What a person has read back, against the request itself; null where both are right. */
export function readBackFault(
  { request, bytes }: Pick<SignedRequest, "request" | "bytes">,
  read: { readonly digits: string; readonly payee: string },
): "DIGITS_DIFFER" | "PAYEE_DIFFERS" | null {
  if (read.digits.replaceAll(/\s/g, "").toLowerCase() !== certificateRequestDigits(bytes)) return "DIGITS_DIFFER";
  return read.payee === toChecksumAddress(request.payee) ? null : "PAYEE_DIFFERS";
}

/**
 * Whom an address is counted as: an IPv4 address itself, of an IPv6 address its network, because who has one has all
 * addresses of it.
 */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%")[0]?.toLowerCase().split("::") ?? [];
  const before = head.split(":").filter((group) => group !== "");
  const after = (tail ?? "").split(":").filter((group) => group !== "");
  const gap =
    tail === undefined ? [] : Array.from({ length: ADDRESS_GROUPS - before.length - after.length }, () => "0");
  const groups = [...before, ...gap, ...after].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::`;
}
