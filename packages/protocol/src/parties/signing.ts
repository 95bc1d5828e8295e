import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { copyBytes, isBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { checkBytes } from "../bytes/fields.ts";

/**
 * A key that signs digests: in memory here, in an HSM or a wallet behind the same port elsewhere.
 */
export interface Signer {
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** Signs a 32-byte digest; answers r ‖ s (64) with low s. */
  readonly sign: (digest: Uint8Array) => Promise<Uint8Array>;
}

/** What is signed of every object: SHA-256 of its bytes (spec §3.0). */
export function digestOf(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/**
 * A signer over a secret key in memory (32 bytes, 1 … n − 1); its nonces are those of RFC 6979.
 * Throws BAD_SECRET_KEY.
 */
export function createSigner(secretKey: Uint8Array): Signer {
  if (!isBytes(secretKey)) throw new ProtocolError("BAD_SECRET_KEY", {});
  const key = copyBytes(secretKey);
  if (!secp256k1.utils.isValidSecretKey(key)) throw new ProtocolError("BAD_SECRET_KEY", {});
  return {
    publicKey: secp256k1.getPublicKey(key, true),
    sign: (digest) =>
      Promise.resolve().then(() => {
        checkBytes(digest, 32, { object: "Signer", field: "digest" });
        return secp256k1.sign(copyBytes(digest), key, { prehash: false, lowS: true, format: "compact" });
      }),
  };
}
