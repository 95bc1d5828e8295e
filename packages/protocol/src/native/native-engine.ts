import { createRequire } from "node:module";
import { isBytes } from "../bytes/bytes.ts";
import { decodeSignature } from "../bytes/signature-form.ts";
import { addressOfPoint, keyForm } from "../parties/public-key.ts";
import type { SignatureEngine } from "../terminal/signature-checks.ts";

/** What libsecp256k1 does besides. */
export interface NativeEngine extends SignatureEngine {
  /** The key of 33 bytes that gave a signature of this parity, or null when there is none. */
  keyOf(signature: Uint8Array, digest: Uint8Array, parity: 0 | 1): Uint8Array | null;
}

interface NativeBindings {
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
  ecdsaRecover(signature: Uint8Array, recovery: number, digest: Uint8Array, compressed: boolean): Uint8Array;
  publicKeyConvert(publicKey: Uint8Array, compressed: boolean): Uint8Array;
}

/**
 * libsecp256k1 through its Node binding, with the verdicts of `protocolEngine` at a tenth of its
 * time and less. The binding is named outright, because the package's main entry falls back to slow
 * JavaScript in silence where the binary is absent: here its absence throws.
 */
export function createNativeEngine(): NativeEngine {
  const native = createRequire(import.meta.url)("secp256k1/bindings") as NativeBindings;
  // The library throws for r or s out of range, for what has another length and for bytes that are
  // no point, and reads the mixed forms of a key, which nobody else takes.
  const keyOf: NativeEngine["keyOf"] = (signature, digest, parity) =>
    orNull(() => Uint8Array.from(native.ecdsaRecover(signature, parity, digest, true)));
  return {
    verify: (signature, digest, publicKey) =>
      keyForm(publicKey) !== null && orNull(() => native.ecdsaVerify(signature, digest, publicKey)) === true,
    parityOf: (signature, digest, publicKey) => {
      const compressed =
        keyForm(publicKey) === "long" ? orNull(() => native.publicKeyConvert(publicKey, true)) : publicKey;
      if (!isBytes(compressed)) return null;
      // A high s gives a key as well, and is nobody's signature.
      if (orNull(() => decodeSignature(signature)) === null) return null;
      for (const parity of [0, 1] as const) {
        const key = keyOf(signature, digest, parity);
        if (key !== null && Buffer.compare(key, compressed) === 0) return parity;
      }
      return null;
    },
    addressOf: (cardKey) => {
      const form = keyForm(cardKey);
      const point = form === null ? null : orNull(() => native.publicKeyConvert(cardKey, false));
      return point === null ? null : addressOfPoint(Uint8Array.from(point));
    },
    keyOf,
  };
}

function orNull<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
