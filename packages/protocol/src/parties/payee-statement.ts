import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { asciiBytes, concatBytes, copyBytes, isBytes } from "../bytes/bytes.ts";
import { toHex } from "../bytes/hex.ts";
import { decodeSignature } from "../bytes/signature-form.ts";
import type { Address } from "./address.ts";
import type { Domain } from "./domain.ts";
import { addressOfKey } from "./public-key.ts";

/** Bytes of a payee's signature: r ‖ s ‖ v. */
export const PAYEE_SIGNATURE_LENGTH = 65;

/**
 * What a payee signs so that a reversal counts which came after its certificate was withdrawn (spec
 * §6.2). `reversal` is SHA-256 of the bytes of `TLYX`.
 */
export function confirmationText(domain: Domain, reversal: Uint8Array): string {
  return `Tallystick: I confirm the reversal ${toHex(reversal)} ${placeText(domain)}`;
}

/** What a payee signs who does not want a withheld voucher to be paid (spec §6.12). */
export function disowningText(domain: Domain, voucherId: Uint8Array): string {
  return `Tallystick: I disown the voucher ${toHex(voucherId)} ${placeText(domain)}`;
}

/**
 * Who signed a statement as wallets sign texts (EIP-191, version 45): r ‖ s ‖ v with v of 27, 28, 0
 * or 1. Null where no key gives this signature, or where its s is high.
 */
export function statementSigner(text: string, signature: Uint8Array): Address | null {
  if (!isBytes(signature) || signature.length !== PAYEE_SIGNATURE_LENGTH) return null;
  const last = signature[64] ?? 0;
  const parity = last >= 27 ? last - 27 : last;
  if (parity !== 0 && parity !== 1) return null;
  const message = asciiBytes(text);
  const digest = keccak_256(concatBytes(asciiBytes(`\x19Ethereum Signed Message:\n${message.length}`), message));
  try {
    const { r, s } = decodeSignature(copyBytes(signature, 0, 64));
    const point = new secp256k1.Signature(r, s, parity).recoverPublicKey(digest);
    return addressOfKey(point.toBytes(true));
  } catch {
    // Parts out of range, a high s, or an r that is no point's: nobody has signed so.
    return null;
  }
}

function placeText({ chainId, vault }: Domain): string {
  return `on chain ${chainId}, vault ${toHex(vault)}.`;
}
