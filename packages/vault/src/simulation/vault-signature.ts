import { secp256k1 } from "@noble/curves/secp256k1.js";
import { addressOfKey, concatBytes, GROUP_ORDER, toHex } from "@tallystick/protocol";

/** Finds the address whose key signed a digest; null when there is none. `r` and `s` are 32 bytes. */
export type RecoverSigner = (
  digest: Uint8Array,
  signature: { readonly r: Uint8Array; readonly s: Uint8Array; readonly parity: 0 | 1 },
) => Uint8Array | null;

/** A signature as the vault takes it: r, and s with the parity in its top bit; 32 bytes each (spec §7.1). */
export interface VaultSignature {
  readonly r: Uint8Array;
  readonly vs: Uint8Array;
}

/** The address whose key signed a digest, or null for a signature that the vault refuses (spec §7.1). */
export function signerOf(digest: Uint8Array, { r, vs }: VaultSignature, recover: RecoverSigner): Uint8Array | null {
  const s = vs.slice();
  const parity = (s[0] ?? 0) >= 0x80 ? 1 : 0;
  s[0] = (s[0] ?? 0) & 0x7f;
  if (!inRange(r, GROUP_ORDER - 1n) || !inRange(s, GROUP_ORDER / 2n)) return null;
  return recover(digest, { r, s, parity });
}

/** By the curve in JavaScript, about 2 ms a signature. */
export const recoverSigner: RecoverSigner = (digest, { r, s, parity }) => {
  try {
    const signature = secp256k1.Signature.fromBytes(concatBytes(r, s), "compact").addRecoveryBit(parity);
    return addressOfKey(signature.recoverPublicKey(digest).toBytes(true));
  } catch {
    // There is no point with this r, or the recovered point is none.
    return null;
  }
};

function inRange(bytes: Uint8Array, highest: bigint): boolean {
  const value = BigInt(toHex(bytes));
  return value > 0n && value <= highest;
}
