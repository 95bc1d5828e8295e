import type { Address } from "./address.ts";
import { type AllowanceBody, encodeAllowance } from "./allowance.ts";
import { equalBytes } from "./bytes.ts";
import type { Domain } from "./domain.ts";
import { isProtocolError } from "./errors.ts";
import { addressOfKey } from "./public-key.ts";
import { digestOf } from "./signing.ts";
import { verifyDigest } from "./verifying.ts";

/** A public key of a domain's issuer, pinned by whoever verifies (spec §2.2: ids are unique in a domain). */
export interface IssuerKey {
  readonly domain: Domain;
  /** 0–255, as the signed object names it. */
  readonly id: number;
  /** 33 or 65 bytes. */
  readonly publicKey: Uint8Array;
}

/** How a signature is verified; where thousands are, a native library takes the place of verifyDigest. */
export type VerifyDigest = (signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array) => boolean;

/** An allowance as a card shows it: the body, and the signature over A for this card of this domain. */
export interface SignedAllowance {
  readonly domain: Domain;
  /** 33 or 65 bytes; the address in A is derived from it. */
  readonly cardKey: Uint8Array;
  readonly body: AllowanceBody;
  /** r ‖ s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** Why an allowance is not the issuer's word. */
export type AllowanceFault = "CARD_KEY_INVALID" | "ISSUER_KEY_UNKNOWN" | "ALLOWANCE_SIGNATURE_WRONG";

/** An allowance's verdict: the card's address, or the fault. */
export type AllowanceVerdict =
  { readonly ok: true; readonly card: Address } | { readonly ok: false; readonly reason: AllowanceFault };

/** True when both name the same vault on the same chain (spec §2.2). */
export function sameDomain(left: Domain, right: Domain): boolean {
  return left.chainId === right.chainId && equalBytes(left.vault, right.vault);
}

/** The issuer's key of this domain with this id, or undefined. */
export function findIssuerKey(
  issuerKeys: readonly IssuerKey[],
  wanted: { readonly domain: Domain; readonly id: number },
): IssuerKey | undefined {
  return issuerKeys.find((key) => key.id === wanted.id && sameDomain(key.domain, wanted.domain));
}

/**
 * Whether the issuer allowed this card this body (spec §3.3). Nothing of validity or status is judged here.
 * Pure; never throws for anything a card or a network may send.
 */
export function verifyAllowance(
  allowance: SignedAllowance,
  issuerKeys: readonly IssuerKey[],
  verify: VerifyDigest = verifyDigest,
): AllowanceVerdict {
  const card = cardAddress(allowance.cardKey);
  if (card === null) return { ok: false, reason: "CARD_KEY_INVALID" };
  const { domain, body, signature } = allowance;
  const key = findIssuerKey(issuerKeys, { domain, id: body.issuerKeyId });
  if (key === undefined) return { ok: false, reason: "ISSUER_KEY_UNKNOWN" };
  const digest = digestOf(encodeAllowance({ domain, card, body }));
  if (!verify(signature, digest, key.publicKey)) return { ok: false, reason: "ALLOWANCE_SIGNATURE_WRONG" };
  return { ok: true, card };
}

function cardAddress(cardKey: Uint8Array): Address | null {
  try {
    return addressOfKey(cardKey);
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}
