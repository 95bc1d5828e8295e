import { cbc, cmac, ecb } from "@noble/ciphers/aes.js";
import { ApduError } from "../iso7816/apdu-error.ts";
import { byteAt, concatBytes } from "../iso7816/bytes.ts";

/** Bytes of one AES block. */
export const AES_BLOCK_BYTES = 16;

const NO_PADDING = { disablePadding: true };

/** AES-CMAC by RFC 4493 (NIST SP 800-38B): 16 bytes, for keys of 16, 24 or 32 bytes. */
export function aesCmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  assertAesKey(key);
  return cmac(message, key);
}

/** AES-CBC without padding; the data must be whole blocks. */
export function aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  assertAesKey(key);
  return cbc(key, iv, NO_PADDING).encrypt(data);
}

/** AES-CBC without padding; the data must be whole blocks. */
export function aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  assertAesKey(key);
  return cbc(key, iv, NO_PADDING).decrypt(data);
}

/** One block under the key itself. */
export function aesEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  assertAesKey(key);
  return ecb(key, NO_PADDING).encrypt(block);
}

/**
 * Appends 80 and zeros up to whole blocks; whole blocks get one more (ISO 9797-1 padding method 2).
 */
export function pad80(data: Uint8Array, blockBytes: number): Uint8Array {
  const padding = new Uint8Array(blockBytes - (data.length % blockBytes));
  padding[0] = 0x80;
  return concatBytes(data, padding);
}

/**
 * Removes 80 and all zeros after it; data that does not end so throws RESPONSE_PADDING. Cards exist
 * that append a whole block of zeros more than ISO 9797-1 says (one of the published SCP03 sessions
 * shows it), so their number is not judged: call this only on data whose MAC was right.
 */
export function unpad80(data: Uint8Array): Uint8Array {
  let end = data.length - 1;
  while (end > 0 && byteAt(data, end) === 0) end--;
  if (end < 0 || byteAt(data, end) !== 0x80) {
    throw new ApduError("RESPONSE_PADDING", "The deciphered data does not end in 80 and zeros.");
  }
  return data.slice(0, end);
}

function assertAesKey(key: Uint8Array): void {
  if (key.length !== 16 && key.length !== 24 && key.length !== 32) {
    throw new ApduError("WRONG_LENGTH", `An AES key has 16, 24 or 32 bytes, not ${key.length}.`, {
      actual: key.length,
    });
  }
}
