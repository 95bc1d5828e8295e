import { checkMessage } from "../check-message.ts";
import { KeystoreError } from "../keystore-error.ts";
import { AES_BLOCK_BYTES, CHECK_VALUE_BYTES } from "../limits.ts";
import type { CardMasterKey } from "../ports.ts";
import { CKA, CKK, CKM, CKO } from "./constants.ts";
import { attributeOf, findKey, FoundKey, ulongOf } from "./find-key.ts";
import type { Token } from "./token.ts";

/**
 * An AES key of a token, by its label: what is derived from it by CMAC comes out, itself never. It must
 * be allowed to sign (CMAC) and to encrypt (its check value). Throws KeystoreError: HSM_KEY_UNSUITABLE
 * for another type, and for a key that the token would give out. `told` is its length in bytes, for
 * tokens that do not show that of a restored key.
 */
export function openTokenMasterKey(token: Token, label: string, told?: number): CardMasterKey {
  const what = `Deriving by key ${label}`;
  const unsuitable = (why: string): KeystoreError => new KeystoreError("HSM_KEY_UNSUITABLE", `Key ${label} ${why}.`);
  const key = new FoundKey((open) => findKey(token, open, { objectClass: CKO.secretKey, label }));
  const { bytes, checkValue } = token.now(what, (open) => {
    const handle = key.in(open);
    const read = (type: number): Buffer | null => attributeOf(token, open, [handle, type]);
    if (ulongOf(read(CKA.keyType)) !== CKK.aes) throw unsuitable("is no AES key");
    const shown = ulongOf(read(CKA.valueLength)) || undefined;
    if (shown !== undefined && told !== undefined && shown !== told)
      throw unsuitable(`has ${shown} bytes, and not ${told} as its key file says`);
    const bytes = shown ?? told;
    if (bytes === undefined || ![16, 24, 32].includes(bytes))
      throw unsuitable("does not show its length; say it as bytes in its key file: 16, 24 or 32");
    for (const [type, right] of [
      [CKA.sign, "sign, which CMAC is"],
      [CKA.encrypt, "encrypt, which its check value needs"],
    ] as const)
      if (read(type)?.[0] !== 1) throw unsuitable(`may not ${right}`);
    if (read(CKA.sensitive)?.[0] !== 1 || read(CKA.extractable)?.[0] !== 0) throw unsuitable("can leave its token");
    token.library.C_EncryptInit(open.session, { mechanism: CKM.aesEcb }, handle);
    const ones = Buffer.alloc(AES_BLOCK_BYTES, 1);
    const block = token.library.C_Encrypt(open.session, ones, Buffer.alloc(AES_BLOCK_BYTES));
    return { bytes, checkValue: Uint8Array.from(block.subarray(0, CHECK_VALUE_BYTES)) };
  });
  return {
    bytes,
    checkValue,
    cmac: async (message) => {
      const input = Buffer.from(checkMessage(message));
      const code = await token.use(what, async (open) => {
        token.library.C_SignInit(open.session, { mechanism: CKM.aesCmac }, key.in(open));
        return token.library.C_SignAsync(open.session, input, Buffer.alloc(AES_BLOCK_BYTES));
      });
      return Uint8Array.from(code);
    },
  };
}
