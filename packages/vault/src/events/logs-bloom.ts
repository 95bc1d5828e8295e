import { keccak_256 } from "@noble/hashes/sha3.js";

/** Bits that a value sets in a block's bloom of 2,048 bits. */
const BITS_A_VALUE = 3;

/**
 * Whether a block's logs may hold this address or topic, by the block's bloom of 256 bytes (Yellow
 * Paper §4.4.3). False is certain; true may be another value's doing.
 */
export function bloomMayHold(bloom: Uint8Array, value: Uint8Array): boolean {
  const hash = keccak_256(value);
  for (let pair = 0; pair < BITS_A_VALUE; pair += 1) {
    const bit = (((hash[pair * 2] ?? 0) << 8) | (hash[pair * 2 + 1] ?? 0)) & 0x7ff;
    const byte = bloom[bloom.length - 1 - (bit >> 3)] ?? 0;
    if ((byte & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}
