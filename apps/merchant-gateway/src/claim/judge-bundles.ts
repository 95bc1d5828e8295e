import {
  createSignatureChecks,
  decodeVoucherBundle,
  judgeVoucherBytes,
  sameDomain,
  toHex,
  type VoucherBundle,
} from "@tallystick/protocol";
import type { ServedDomain } from "../config/gateway-config.ts";

/** Bundles that are worth nothing here, by the judge's code. */
export interface RefusedBundles {
  readonly code: string;
  readonly count: number;
  /** Place of the first in the file, from 0. */
  readonly first: number;
}

/** What a file of bundles holds. */
export interface JudgedBundles {
  /** Authentic ones by their domain, each voucher once. */
  readonly byDomain: readonly { readonly served: ServedDomain; readonly bundles: readonly VoucherBundle[] }[];
  readonly refused: readonly RefusedBundles[];
}

/**
 * Judges each bundle by the one judge (spec §5.4) under the issuer keys that this machine pins for
 * its domain. What is authentic is kept, promised or not: the vault pays it.
 */
export function judgeBundles(files: readonly Uint8Array[], domains: readonly ServedDomain[]): JudgedBundles {
  const keys = domains.flatMap(({ domain, issuerKeys }) => issuerKeys.map((key) => ({ domain, ...key })));
  const checks = createSignatureChecks(keys);
  const kept = domains.map((served) => ({ served, bundles: new Map<string, VoucherBundle>() }));
  const refused = new Map<string, RefusedBundles>();
  for (const [index, bytes] of files.entries()) {
    const verdict = judgeVoucherBytes(bytes, { checks });
    const bundle =
      verdict.worth === "nothing" && verdict.code === "MALFORMED_VOUCHER" ? null : decodeVoucherBundle(bytes);
    const own = kept.find(({ served }) => bundle !== null && sameDomain(served.domain, bundle.message.domain));
    if (verdict.worth !== "nothing" && bundle !== null && own !== undefined) {
      own.bundles.set(toHex(verdict.voucher.id), bundle);
      continue;
    }
    // A domain that is not served is told as that, whatever else is unknown of it.
    const code =
      bundle !== null && own === undefined ? "WRONG_DOMAIN" : verdict.worth === "nothing" ? verdict.code : "";
    const before = refused.get(code);
    refused.set(code, { code, count: (before?.count ?? 0) + 1, first: before?.first ?? index });
  }
  return {
    byDomain: kept.map(({ served, bundles }) => ({ served, bundles: [...bundles.values()] })),
    refused: [...refused.values()],
  };
}
