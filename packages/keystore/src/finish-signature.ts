import { secp256k1 } from "@noble/curves/secp256k1.js";
import { addressOfKey, equalBytes, ProtocolError } from "@tallystick/protocol";
import { DIGEST_BYTES } from "./limits.ts";
import type { RecoverableSignature, SigningKey } from "./ports.ts";

/** A key behind both ways to sign. */
export function signingKeyOf(
  publicKey: Uint8Array,
  signRecoverably: (digest: Uint8Array) => Promise<RecoverableSignature>,
): SigningKey {
  const checked = async (digest: Uint8Array): Promise<RecoverableSignature> => {
    if (digest.length !== DIGEST_BYTES)
      throw new ProtocolError("WRONG_LENGTH", {
        object: "SigningKey",
        field: "digest",
        expected: String(DIGEST_BYTES),
        actual: digest.length,
      });
    return signRecoverably(digest.slice());
  };
  return {
    publicKey,
    address: addressOfKey(publicKey),
    signRecoverably: checked,
    sign: async (digest) => (await checked(digest)).signature,
  };
}

/**
 * Makes of r ‖ s, as any signer answers it, the one form that cards, terminals and the chain take: low
 * s, with the recovery bit. Throws RangeError where it is no signature of this key.
 */
export function finishSignature(
  raw: Uint8Array,
  { digest, publicKey }: { readonly digest: Uint8Array; readonly publicKey: Uint8Array },
): RecoverableSignature {
  const given = secp256k1.Signature.fromBytes(raw, "compact");
  const { ORDER } = secp256k1.Point.Fn;
  const low = given.hasHighS() ? new secp256k1.Signature(given.r, ORDER - given.s) : given;
  for (const recovery of [0, 1] as const) {
    if (recovers(low.addRecoveryBit(recovery), digest, publicKey))
      return { signature: low.toBytes("compact"), recovery };
  }
  throw new RangeError("The signature is none of this key.");
}

type Recoverable = ReturnType<InstanceType<typeof secp256k1.Signature>["addRecoveryBit"]>;

function recovers(signature: Recoverable, digest: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return equalBytes(signature.recoverPublicKey(digest).toBytes(true), publicKey);
  } catch {
    // Not every r and bit name a point.
    return false;
  }
}
