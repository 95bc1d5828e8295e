import { secp256k1 } from "@noble/curves/secp256k1.js";
import { checkBytes } from "../bytes/fields.ts";
import { isBytes, readUnsigned } from "../bytes/bytes.ts";
import { isProtocolError, ProtocolError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { MAX_PINNED_KEYS, PINNED_KEY_WINDOW } from "../bytes/limits.ts";
import type { VerifyDigest } from "./issuer-key.ts";
import { type KeyPoint, parsePublicKey } from "./public-key.ts";
import {
  decodeSignature,
  encodeSignature,
  GROUP_ORDER,
  HALF_ORDER,
  parseCardSignature,
  type SignatureParts,
} from "../bytes/signature-form.ts";

/**
 * A card's signature in the form everybody else uses, with what `ecrecover` needs to find the card.
 */
export interface NormalizedSignature {
  /** r ‖ s, low s, 64 bytes. */
  readonly signature: Uint8Array;
  /** Whether the y of the signature's point is odd. */
  readonly parity: 0 | 1;
}

/**
 * Whether r ‖ s (64) is this key's signature over the digest (32). A high s, an r or s out of
 * range, a wrong length and a key that is no point all answer false: for whoever verifies there is
 * no difference.
 */
export function verifyDigest(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean {
  if (!isBytes(digest) || digest.length !== 32) return false;
  try {
    return pointOf(decodeSignature(signature), digest, parsePublicKey(publicKey)) !== null;
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}

/**
 * verifyDigest with the same verdicts, made for keys that verify again and again, such as an issuer's:
 * multiples of their points are kept (some 600 kB a key, made at once), so that one of their
 * signatures costs a third. Every other key is verified as ever. Throws BAD_PUBLIC_KEY for a key that
 * is none.
 */
export function createPinnedVerifier(publicKeys: readonly Uint8Array[]): VerifyDigest {
  const pinned = new Map(publicKeys.map((publicKey) => [toHex(publicKey), pinnedPoint(publicKey)]));
  return (signature, digest, publicKey) => {
    const key = isBytes(publicKey) ? pinned.get(toHex(publicKey)) : undefined;
    if (key === undefined) return verifyDigest(signature, digest, publicKey);
    if (!isBytes(digest) || digest.length !== 32) return false;
    try {
      return pointOf(decodeSignature(signature), digest, key, sumOfKept) !== null;
    } catch (error) {
      if (isProtocolError(error)) return false;
      throw error;
    }
  };
}

/** Points whose multiples are kept, so that those who pin the same key share them. */
const kept = new Map<string, KeyPoint>();

function pinnedPoint(publicKey: Uint8Array): KeyPoint {
  const point = parsePublicKey(publicKey);
  const name = point.toHex(true);
  const known = kept.get(name);
  if (known !== undefined) return known;
  const [oldest] = kept.keys();
  if (kept.size >= MAX_PINNED_KEYS && oldest !== undefined) kept.delete(oldest);
  point.precompute(PINNED_KEY_WINDOW, false);
  kept.set(name, point);
  return point;
}

/**
 * Turns a card's DER signature into r ‖ s with low s and the parity (spec §3.0), after verifying it
 * under the card's key. Throws BAD_SIGNATURE_ENCODING, SIGNATURE_OUT_OF_RANGE, BAD_PUBLIC_KEY or
 * BAD_SIGNATURE; the last also where the recovery id would be 2 or 3, which no chance produces.
 */
export function normalizeCardSignature(der: Uint8Array, digest: Uint8Array, cardKey: Uint8Array): NormalizedSignature {
  checkBytes(digest, 32, { object: "Signature", field: "digest" });
  const low = lowPartsOf(der);
  return { signature: encodeSignature(low), parity: verifiedParity(low, digest, cardKey) };
}

/**
 * r ‖ s with low s of a card's DER signature, verified under no key. Throws BAD_SIGNATURE_ENCODING,
 * SIGNATURE_OUT_OF_RANGE.
 */
export function lowCardSignature(der: Uint8Array): Uint8Array {
  return encodeSignature(lowPartsOf(der));
}

function lowPartsOf(der: Uint8Array): SignatureParts {
  const { r, s } = parseCardSignature(der);
  return { r, s: s > HALF_ORDER ? GROUP_ORDER - s : s };
}

/**
 * The parity of a verified r ‖ s (64), for whoever received it without: a voucher in an upload has
 * none. Throws like normalizeCardSignature, and HIGH_S.
 */
export function signatureParity(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): 0 | 1 {
  checkBytes(digest, 32, { object: "Signature", field: "digest" });
  return verifiedParity(decodeSignature(signature), digest, publicKey);
}

function verifiedParity(parts: SignatureParts, digest: Uint8Array, publicKey: Uint8Array): 0 | 1 {
  const point = pointOf(parts, digest, parsePublicKey(publicKey));
  // r is compared with x itself, not with x mod n: equality mod n alone is the recovery id 2 or 3.
  if (point === null || point.x !== parts.r) throw new ProtocolError("BAD_SIGNATURE", { object: "digest" });
  return (point.y & 1n) === 1n ? 1 : 0;
}

/**
 * The point R = (e·G + r·Q)/s of SEC 1 §4.1.4, or null where its x is not r modulo n. One
 * multiplication gives both the verification and the parity, where recovering a key for each parity
 * would take three.
 */
function pointOf(
  parts: SignatureParts,
  digest: Uint8Array,
  key: KeyPoint,
  sumOf = sumAtOnce,
): { x: bigint; y: bigint } | null {
  const scalars = secp256k1.Point.Fn;
  const inverse = scalars.inv(parts.s);
  const left = scalars.mul(scalars.create(readUnsigned(digest, 0, 32)), inverse);
  const right = scalars.mul(parts.r, inverse);
  const sum = sumOf(left, key, right);
  if (sum.is0()) return null;
  const { x, y } = sum.toAffine();
  return x % GROUP_ORDER === parts.r ? { x, y } : null;
}

/** left·G + right·Q by one chain of doublings: for a key that is met once. */
function sumAtOnce(left: bigint, key: KeyPoint, right: bigint): KeyPoint {
  return secp256k1.Point.BASE.mulAddUnsafe(left, key, right);
}

/** The same from the multiples that are kept of both points, without a doubling. */
function sumOfKept(left: bigint, key: KeyPoint, right: bigint): KeyPoint {
  return secp256k1.Point.BASE.multiplyUnsafe(left).add(key.multiplyUnsafe(right));
}
