import { type Domain, sameDomain } from "./domain.ts";

/**
 * A public key of a domain's issuer, pinned by whoever verifies (spec §2.2: ids are unique in a
 * domain).
 */
export interface IssuerKey {
  readonly domain: Domain;
  /** 0–255, as the signed object names it. */
  readonly id: number;
  /** 33 or 65 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * How a signature is verified; where thousands are, a native library takes the place of
 * verifyDigest.
 */
export type VerifyDigest = (signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array) => boolean;

/** The issuer's key of this domain with this id, or undefined. */
export function findIssuerKey(
  issuerKeys: readonly IssuerKey[],
  wanted: { readonly domain: Domain; readonly id: number },
): IssuerKey | undefined {
  return issuerKeys.find((key) => key.id === wanted.id && sameDomain(key.domain, wanted.domain));
}
