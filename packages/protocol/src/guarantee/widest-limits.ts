import type { MerchantCertificate } from "../objects/merchant-certificate.ts";
import type { CertifiedLimits } from "../terminal/judge-voucher.ts";

/** The limits of a certificate that decide what its issuer promises and bears. */
export type GuaranteedLimits = CertifiedLimits & Pick<MerchantCertificate, "perCardSum">;

/**
 * Of the certificates that an issuer signed for one payee, terminal id and category, the limits that
 * count for a payment: where several cover its time, the largest of each (spec §6.8). Where none
 * covers it, the given one, which the judge then finds outside its validity.
 */
export function widestLimits(
  given: GuaranteedLimits,
  others: readonly GuaranteedLimits[],
  time: number,
): GuaranteedLimits {
  const covering = [given, ...others].filter(({ notBefore, notAfter }) => notBefore <= time && time <= notAfter);
  return covering.reduce(
    (widest, next) => ({
      ...widest,
      notBefore: Math.min(widest.notBefore, next.notBefore),
      notAfter: Math.max(widest.notAfter, next.notAfter),
      perTap: larger(widest.perTap, next.perTap),
      softwareSum: larger(widest.softwareSum, next.softwareSum),
      perCardSum: larger(widest.perCardSum, next.perCardSum),
    }),
    covering[0] ?? given,
  );
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
