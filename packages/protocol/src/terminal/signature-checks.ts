import { isProtocolError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { type AllowanceBody, encodeAllowance } from "../objects/allowance.ts";
import type { Address } from "../parties/address.ts";
import type { Domain } from "../parties/domain.ts";
import { findIssuerKey, type IssuerKey, type VerifyDigest } from "../parties/issuer-key.ts";
import { addressOfKey } from "../parties/public-key.ts";
import { digestOf } from "../parties/signing.ts";
import { signatureParity, verifyDigest } from "../parties/verifying.ts";

/** How signatures are verified; where thousands are, a native library takes the place of ours. */
export interface SignatureEngine {
  readonly verify: VerifyDigest;
  /** The parity under which r ‖ s (64) gives this key, or null when it is not this key's. */
  readonly parityOf: (signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array) => 0 | 1 | null;
  /** The address of a key of 33 or 65 bytes, or null where it is no point. */
  readonly addressOf: (publicKey: Uint8Array) => Address | null;
}

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

/** The signatures of a voucher, as its judge asks for them. */
export interface SignatureChecks {
  /** The address of a card key, or null where it is no point. */
  addressOf(cardKey: Uint8Array): Address | null;
  /** Why the issuer did not sign this allowance for this card, or null. */
  allowanceFault(card: Address, allowance: SignedAllowance): AllowanceFault | null;
  /** The parity of the card's signature over SHA-256(M), or null where it is not the card's. */
  parityOf(signature: Uint8Array, digest: Uint8Array, cardKey: Uint8Array): 0 | 1 | null;
}

/** The verifier of this package: about 2 ms a signature. */
export const protocolEngine: SignatureEngine = Object.freeze({
  verify: verifyDigest,
  parityOf: parityOrNull,
  addressOf: addressOrNull,
});

/**
 * Checks by pinned issuer keys. What the vouchers of one card share (its address, an allowance) is
 * derived and verified once and remembered as long as the checks are: make them anew for each
 * upload.
 */
export function createSignatureChecks(
  issuerKeys: readonly IssuerKey[],
  engine: SignatureEngine = protocolEngine,
): SignatureChecks {
  const addresses = new Map<string, Address | null>();
  const allowances = new Map<string, boolean>();
  return {
    addressOf(cardKey) {
      const name = toHex(cardKey);
      const known = addresses.get(name);
      if (known !== undefined) return known;
      const address = engine.addressOf(cardKey);
      addresses.set(name, address);
      return address;
    },
    allowanceFault(card, { domain, body, signature }) {
      const key = findIssuerKey(issuerKeys, { domain, id: body.issuerKeyId });
      if (key === undefined) return "ISSUER_KEY_UNKNOWN";
      const bytes = encodeAllowance({ domain, card, body });
      const name = `${toHex(bytes)}${toHex(signature)}`;
      const valid = allowances.get(name) ?? engine.verify(signature, digestOf(bytes), key.publicKey);
      allowances.set(name, valid);
      return valid ? null : "ALLOWANCE_SIGNATURE_WRONG";
    },
    parityOf: (signature, digest, cardKey) => engine.parityOf(signature, digest, cardKey),
  };
}

function addressOrNull(cardKey: Uint8Array): Address | null {
  try {
    return addressOfKey(cardKey);
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}

function parityOrNull(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): 0 | 1 | null {
  try {
    return signatureParity(signature, digest, publicKey);
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}
