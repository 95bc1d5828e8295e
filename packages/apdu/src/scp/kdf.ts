import { assertRange } from "../iso7816/apdu-error.ts";
import { bytesFromNumber, concatBytes } from "../iso7816/bytes.ts";
import { AES_BLOCK_BYTES, aesCmac } from "../crypto/aes.ts";

/** Derivation constants of SCP03 (GP Amendment D v1.1.2 §4.1.5, table 4-1). */
export const DERIVE_CARD_CRYPTOGRAM = 0x00;
export const DERIVE_HOST_CRYPTOGRAM = 0x01;
export const DERIVE_CARD_CHALLENGE = 0x02;
export const DERIVE_S_ENC = 0x04;
export const DERIVE_S_MAC = 0x06;
export const DERIVE_S_RMAC = 0x07;

/**
 * NIST SP 800-108 in counter mode with CMAC: blocks CMAC(key, before ‖ counter ‖ after) for counter
 * 1, 2 …, cut to `length` bytes.
 */
export function counterModeKdf(
  key: Uint8Array,
  parts: { readonly before: Uint8Array; readonly after: Uint8Array; readonly length: number },
): Uint8Array {
  assertRange("derived length", parts.length, { min: 1, max: 64 });
  const blocks: Uint8Array[] = [];
  for (let counter = 1; blocks.length * AES_BLOCK_BYTES < parts.length; counter++) {
    blocks.push(aesCmac(key, concatBytes(parts.before, Uint8Array.of(counter), parts.after)));
  }
  return concatBytes(...blocks).slice(0, parts.length);
}

/**
 * SCP03's derivation: label 11 × 00 ‖ constant, 00, length in bits, counter, context (GP Amendment
 * D v1.1.2 §4.1.5).
 */
export function scp03Kdf(
  key: Uint8Array,
  parts: { readonly constant: number; readonly context: Uint8Array; readonly length: number },
): Uint8Array {
  const label = new Uint8Array(12);
  label[11] = parts.constant;
  const before = concatBytes(label, Uint8Array.of(0), bytesFromNumber(parts.length * 8, 2));
  return counterModeKdf(key, { before, after: parts.context, length: parts.length });
}
