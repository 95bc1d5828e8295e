import type { Address } from "../parties/address.ts";
import { type AllowanceBody, encodeAllowance } from "../objects/allowance.ts";
import type { Domain } from "../parties/domain.ts";
import { isProtocolError } from "../bytes/errors.ts";
import { addressOfKey } from "../parties/public-key.ts";
import { digestOf } from "../parties/signing.ts";
import { findIssuerKey, type IssuerKey, type VerifyDigest } from "../parties/issuer-key.ts";
import { verifyDigest } from "../parties/verifying.ts";

/**
 * An allowance as a card shows it: the body, and the signature over A for this card of this domain.
 */
export interface SignedAllowance {
  readonly domain: Domain;
  /** 33 or 65 bytes; the address in A is derived from it. */
  readonly cardKey: Uint8Array;
  readonly body: AllowanceBody;
  /** r ‖ s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** Why an allowance is not one of the issuer's. */
export type AllowanceFault = "CARD_KEY_INVALID" | "ISSUER_KEY_UNKNOWN" | "ALLOWANCE_SIGNATURE_WRONG";

/** An allowance's verdict: the card's address, or the fault. */
export type AllowanceVerdict =
  { readonly ok: true; readonly card: Address } | { readonly ok: false; readonly reason: AllowanceFault };

/**
 * Whether the issuer allowed this card this body (spec §3.3). Nothing of validity or status is
 * judged here. Pure; never throws for anything a card or a network may send.
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
