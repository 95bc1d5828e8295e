import {
  assuranceClass,
  equalBytes,
  excessOf,
  type MerchantCertificate,
  type VoucherBundle,
} from "@tallystick/protocol";
import type { DisputeCode } from "./upload-verdict.ts";

/** Times against which a voucher's own is judged; seconds. */
export interface ArrivalTimes {
  /** U runs from the payment's time to this. */
  readonly receivedAt: number;
  readonly uploadWindowSeconds: number;
  /** Two honest clocks may differ by this much. */
  readonly clockSkewSeconds: number;
}

/** What the issuer does not promise, although the vault may pay it (spec §6.1); null where it promises the voucher. */
export function disputeOf(
  { message, context, allowanceBody: allowance }: VoucherBundle,
  certificate: MerchantCertificate,
  { receivedAt, uploadWindowSeconds, clockSkewSeconds }: ArrivalTimes,
): DisputeCode | null {
  if (receivedAt - context.time > uploadWindowSeconds + clockSkewSeconds) return "LATE";
  if (context.time - receivedAt > clockSkewSeconds) return "AHEAD_OF_CLOCK";
  const { amount, counter } = message;
  const excess = excessOf(allowance, { ...context, amount, counter });
  if (excess !== null) return excess;
  if (amount > certificate.perTap) return "ABOVE_CERTIFICATE";
  if (context.time < certificate.notBefore || context.time > certificate.notAfter) return "OUTSIDE_CERTIFICATE";
  if (context.category !== certificate.category) return "CERTIFICATE_CATEGORY";
  if (!equalBytes(context.terminalId, certificate.terminalId)) return "OTHER_TERMINAL";
  return assuranceClass(allowance) >= 2 && amount > certificate.softwareSum ? "SOFTWARE_CARD" : null;
}
