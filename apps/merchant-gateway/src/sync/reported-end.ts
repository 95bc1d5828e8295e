import type { ReportedEnd } from "../journal/payments/voucher-record.ts";

/** States in which a voucher is at its end for the merchant; settlement documents them. */
const finalStates: ReadonlySet<string> = new Set(["final", "compensated", "released", "refunded"]);

/**
 * What settlement's answer reports of a voucher's end. Where nothing authenticates the answer it
 * reports nothing (spec §5.8).
 */
export function reportedEnd(state: string, authenticated: boolean): ReportedEnd | null {
  if (!authenticated) return null;
  if (finalStates.has(state)) return "final";
  return state === "cancelled" ? "reversed" : null;
}

/**
 * Whether somebody on the way could answer in settlement's place: not behind TLS with a verified
 * name, nor within this machine.
 */
export function isAuthenticated(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:") return true;
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(hostname);
}
