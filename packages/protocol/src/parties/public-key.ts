import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { type Address, toAddress } from "./address.ts";
import { concatBytes, copyBytes, isBytes } from "../bytes/bytes.ts";
import { type Domain, encodeDomain } from "./domain.ts";
import { ProtocolError } from "../bytes/errors.ts";

/** A point of the curve that is a public key. */
export type KeyPoint = InstanceType<typeof secp256k1.Point>;

/**
 * Reads a public key of 33 bytes (02 or 03) or 65 (04) and checks that it is on the curve. The
 * mixed forms 06 and 07 and the point at infinity are refused. Throws BAD_PUBLIC_KEY.
 */
export function parsePublicKey(publicKey: Uint8Array): KeyPoint {
  if (keyForm(publicKey) === null) throw badKey();
  try {
    const point = secp256k1.Point.fromBytes(copyBytes(publicKey));
    point.assertValidity();
    return point;
  } catch {
    throw badKey();
  }
}

/** Which of its two forms bytes have that may be a public key; null for every other one. */
export function keyForm(publicKey: Uint8Array): "short" | "long" | null {
  if (!isBytes(publicKey)) return null;
  if (publicKey.length === 33 && (publicKey[0] === 2 || publicKey[0] === 3)) return "short";
  return publicKey.length === 65 && publicKey[0] === 4 ? "long" : null;
}

/** The 33-byte form of a key in either form. Throws BAD_PUBLIC_KEY. */
export function compressKey(publicKey: Uint8Array): Uint8Array {
  return parsePublicKey(publicKey).toBytes(true);
}

/** The 65-byte form of a key in either form. Throws BAD_PUBLIC_KEY. */
export function uncompressKey(publicKey: Uint8Array): Uint8Array {
  return parsePublicKey(publicKey).toBytes(false);
}

/**
 * The Ethereum address of a key in either form: the last 20 bytes of Keccak-256(x ‖ y) (spec §2.4).
 * A card's address is always derived so and never taken from the wire. Throws BAD_PUBLIC_KEY.
 */
export function addressOfKey(publicKey: Uint8Array): Address {
  return addressOfPoint(uncompressKey(publicKey));
}

/** The same of 65 bytes that are known to be a key. */
export function addressOfPoint(uncompressed: Uint8Array): Address {
  return toAddress(copyBytes(keccak_256(uncompressed.subarray(1)), 12, 20));
}

/**
 * The first 8 bytes of SHA-256(domain ‖ compressed card key) (spec §2.5). The key is 33 bytes;
 * throws WRONG_LENGTH, BAD_PUBLIC_KEY.
 */
export function cardTag(domain: Domain, cardKey: Uint8Array): Uint8Array {
  if (!isBytes(cardKey) || cardKey.length !== 33) {
    const actual = isBytes(cardKey) ? cardKey.length : 0;
    throw new ProtocolError("WRONG_LENGTH", { object: "cardTag", field: "cardKey", expected: "33", actual });
  }
  if (cardKey[0] !== 2 && cardKey[0] !== 3)
    throw new ProtocolError("BAD_PUBLIC_KEY", { object: "cardTag", field: "cardKey" });
  return copyBytes(sha256(concatBytes(encodeDomain(domain), cardKey)), 0, 8);
}

function badKey(): ProtocolError {
  return new ProtocolError("BAD_PUBLIC_KEY", { object: "PublicKey", field: "bytes" });
}
