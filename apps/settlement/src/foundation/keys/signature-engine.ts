import { createRequire } from "node:module";

/**
 * ECDSA over secp256k1 as the settlement needs it: signatures r ‖ s of 64 bytes with low s, keys of
 * 33 bytes.
 */
export interface SignatureEngine {
  verify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
  /**
   * The recovery parity under which the signature gives this key, or null when it is not this
   * key's.
   */
  parityOf(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): 0 | 1 | null;
  /** The key of 33 bytes that gave a signature of this parity, or null when there is none. */
  keyOf(signature: Uint8Array, digest: Uint8Array, parity: 0 | 1): Uint8Array | null;
}

interface NativeBindings {
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
  ecdsaRecover(signature: Uint8Array, recovery: number, digest: Uint8Array, compressed: boolean): Uint8Array;
}

/**
 * libsecp256k1 through its Node binding. The binding is named outright, because the package's main
 * entry falls back to JavaScript in silence where the binary is absent: here its absence is an
 * error at start.
 */
export function createNativeEngine(): SignatureEngine {
  const native = createRequire(import.meta.url)("secp256k1/bindings") as NativeBindings;
  return {
    verify: (signature, digest, publicKey) => {
      try {
        return native.ecdsaVerify(signature, digest, publicKey);
      } catch {
        // The library throws for r or s out of range and for bytes that are no point: not a valid
        // signature.
        return false;
      }
    },
    parityOf: (signature, digest, publicKey) => {
      for (const parity of [0, 1] as const) {
        try {
          if (Buffer.from(native.ecdsaRecover(signature, parity, digest, true)).equals(publicKey)) return parity;
        } catch {
          // No key recovers under this parity; the other one may still do.
        }
      }
      return null;
    },
    keyOf: (signature, digest, parity) => {
      try {
        return native.ecdsaRecover(signature, parity, digest, true);
      } catch {
        // There is no point with this r, or the recovered point is none.
        return null;
      }
    },
  };
}
