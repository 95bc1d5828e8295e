import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import type { Forgery } from "./step.ts";

// Signatures are made and checked here by OpenSSL, which shares no code with the software card.

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const scalar = (value: bigint) => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));

/** A key made for this run. */
export class SigningKey {
  /** Uncompressed, 65 bytes. */
  readonly publicKey: Uint8Array;
  readonly #key: KeyObject;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    this.#key = privateKey;
    this.publicKey = pointOf(publicKey);
  }

  /** r ‖ s with low s, or one of the forms that a card must refuse. */
  sign(message: Uint8Array, forge: Forgery): Uint8Array {
    const signature = sign("sha256", message, { key: this.#key, dsaEncoding: "ieee-p1363" });
    const r = numberOf(signature.subarray(0, 32));
    const s = numberOf(signature.subarray(32));
    const low = s > ORDER / 2n ? ORDER - s : s;
    switch (forge) {
      case "high-s":
        return Uint8Array.of(...scalar(r), ...scalar(ORDER - low));
      case "flipped":
        return Uint8Array.of(...scalar(r), ...scalar(low ^ 1n));
      case "zero-r":
        return Uint8Array.of(...new Uint8Array(32), ...scalar(low));
      case "order-s":
        return Uint8Array.of(...scalar(r), ...scalar(ORDER));
      case "none":
      case "other-key-id":
      case "other-domain":
        return Uint8Array.of(...scalar(r), ...scalar(low));
    }
  }
}

/** The issuer of both cards, and the key of the terminals that it certifies. */
export class Issuer extends SigningKey {
  readonly keyId = 1;
  readonly terminal = new SigningKey();
  /** A key that signs nothing here. */
  readonly otherPublicKey: Uint8Array = new SigningKey().publicKey;
}

function pointOf(key: KeyObject): Uint8Array {
  const { x = "", y = "" } = key.export({ format: "jwk" }) as { x?: string; y?: string };
  return Uint8Array.of(4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url"));
}

/** Whether a DER signature over SHA-256 of the message is by this key (65 bytes). */
export function isSignedBy(publicKey: Uint8Array, message: Uint8Array, der: Uint8Array): boolean {
  return verify("sha256", message, { key: keyOf(publicKey), dsaEncoding: "der" }, der);
}

const known = new WeakMap<Uint8Array, KeyObject>();

function keyOf(publicKey: Uint8Array): KeyObject {
  const found = known.get(publicKey);
  if (found !== undefined) return found;
  const coordinate = (start: number) => Buffer.from(publicKey.slice(start, start + 32)).toString("base64url");
  const key = createPublicKey({
    key: { kty: "EC", crv: "secp256k1", x: coordinate(1), y: coordinate(33) },
    format: "jwk",
  });
  known.set(publicKey, key);
  return key;
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}
