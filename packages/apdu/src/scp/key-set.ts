import { ApduError, assertRange } from "../iso7816/apdu-error.ts";
import { aesEncryptBlock, AES_BLOCK_BYTES } from "../crypto/aes.ts";
import { DES_BLOCK_BYTES, tripleDesEncryptBlock } from "../crypto/des.ts";

/**
 * Which of the three keys of a set; the numbers are those of key identifiers and of the
 * diversification constants.
 */
export type KeyPurpose = "enc" | "mac" | "dek";

/** Key identifiers of a set (GP Card Specification v2.3.1 §E.2, Amendment D §4.1.4). */
export const KEY_IDENTIFIERS: { readonly [purpose in KeyPurpose]: number } = { enc: 1, mac: 2, dek: 3 };

/** The static keys of a security domain. Call `destroy` when done with them. */
export interface KeySet {
  /**
   * Key version number, 0x01–0x7f; 0xff is what cards leave the factory with, 0x00 leaves the
   * choice to the card.
   */
  readonly version: number;
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly dek: Uint8Array;
  /** Overwrites the keys with zeros; every later use of the set fails. */
  destroy(): void;
}

/** Copies three keys of one length (16, 24 or 32 bytes) into a set. */
export function createKeySet(keys: {
  readonly version: number;
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly dek: Uint8Array;
}): KeySet {
  assertRange("key version", keys.version, { min: 0, max: 0xff });
  const [enc, mac, dek] = [keys.enc.slice(), keys.mac.slice(), keys.dek.slice()];
  for (const key of [enc, mac, dek]) {
    if (key.length !== enc.length || ![16, 24, 32].includes(key.length)) {
      throw new ApduError("WRONG_LENGTH", "The three keys of a set have one length of 16, 24 or 32 bytes.", {
        enc: enc.length,
        mac: mac.length,
        dek: dek.length,
      });
    }
  }
  return {
    version: keys.version,
    enc,
    mac,
    dek,
    destroy() {
      for (const key of [enc, mac, dek]) key.fill(0);
    },
  };
}

/**
 * Key check value of an AES key: the first three bytes of 16 × 01 under it (GP Amendment D v1.1.2
 * §4.1.4).
 */
export function aesKeyCheckValue(key: Uint8Array): Uint8Array {
  return aesEncryptBlock(key, new Uint8Array(AES_BLOCK_BYTES).fill(0x01)).slice(0, 3);
}

/**
 * Key check value of a triple DES key: the first three bytes of 8 × 00 under it (GP Card
 * Specification v2.3.1 §B.5).
 */
export function desKeyCheckValue(key: Uint8Array): Uint8Array {
  return tripleDesEncryptBlock(key, new Uint8Array(DES_BLOCK_BYTES)).slice(0, 3);
}
