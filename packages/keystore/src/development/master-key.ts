import { cmac, ecb } from "@noble/ciphers/aes.js";
import { AES_BLOCK_BYTES, CHECK_VALUE_BYTES } from "../limits.ts";
import type { CardMasterKey } from "../ports.ts";
import { checkMessage } from "../check-message.ts";

/** A master key of 16, 24 or 32 bytes in memory, as a key file holds it. Throws RangeError for another length. */
export function createMemoryMasterKey(masterKey: Uint8Array): CardMasterKey {
  const master = masterKey.slice();
  if (![16, 24, 32].includes(master.length)) throw new RangeError("A master key has 16, 24 or 32 bytes.");
  const block = ecb(master, { disablePadding: true }).encrypt(new Uint8Array(AES_BLOCK_BYTES).fill(1));
  return {
    bytes: master.length,
    checkValue: block.slice(0, CHECK_VALUE_BYTES),
    cmac: async (message) => cmac(checkMessage(message), master),
  };
}
