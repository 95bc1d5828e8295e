import {
  assuranceClass,
  categoryAllowed,
  equalBytes,
  type MerchantCertificate,
  type VoucherBundle,
} from "@tallystick/protocol";
import type { DisputeCode } from "./upload-verdict.ts";

/** Times against which a voucher's own is checked; seconds. */
export interface ArrivalTimes {
  /** U runs from the payment's time to this. */
  readonly receivedAt: number;
  readonly uploadWindowSeconds: number;
  /** A terminal's clock may be ahead by this much. */
  readonly clockSkewSeconds: number;
}

/**
 * Why the issuer does not promise a voucher that the vault may pay (spec §6.1); null where it
 * promises it.
 */
export function disputeOf(
  { message, context, allowanceBody: allowance }: VoucherBundle,
  certificate: MerchantCertificate,
  { receivedAt, uploadWindowSeconds, clockSkewSeconds }: ArrivalTimes,
): DisputeCode | null {
  if (receivedAt - context.time > uploadWindowSeconds) return "LATE";
  if (context.time - receivedAt > clockSkewSeconds) return "AHEAD_OF_CLOCK";
  if (message.amount > allowance.perTap) return "ABOVE_PER_TAP";
  if (context.spent > allowance.maxSpent) return "ABOVE_MAX_SPENT";
  if (message.counter > allowance.maxCounter) return "ABOVE_MAX_COUNTER";
  if (!categoryAllowed(allowance, context.category)) return "CATEGORY_NOT_ALLOWED";
  if (context.time < allowance.notBefore || context.time > allowance.notAfter) return "OUTSIDE_ALLOWANCE";
  if (message.amount > certificate.perTap) return "ABOVE_CERTIFICATE";
  if (context.time < certificate.notBefore || context.time > certificate.notAfter) return "OUTSIDE_CERTIFICATE";
  if (context.category !== certificate.category) return "CERTIFICATE_CATEGORY";
  if (!equalBytes(context.terminalId, certificate.terminalId)) return "OTHER_TERMINAL";
  return assuranceClass(allowance) >= 2 ? "SOFTWARE_CARD" : null;
}
