import { uncompressKey } from "@tallystick/protocol";
import { createMemorySigningKey } from "../development/signing-key.ts";
import { CKA, CKK, CKO, SECP256K1_PARAMETERS } from "../pkcs11/constants.ts";
import { masterKeyAttributes, privateKeyAttributes, putPublicKey } from "../pkcs11/draw-keys.ts";
import type { Token } from "../pkcs11/token.ts";

/** Puts a known signing key of 32 bytes into a token, as no programme does: only tests know secrets. */
export function importSigningKey(token: Token, label: string, secretKey: Uint8Array): void {
  const point = uncompressKey(createMemorySigningKey(secretKey).publicKey);
  token.now("import", (open) => {
    token.library.C_CreateObject(open.session, [
      { type: CKA.class, value: CKO.privateKey },
      { type: CKA.keyType, value: CKK.ec },
      ...privateKeyAttributes(label, false),
      { type: CKA.ecParameters, value: Buffer.from(SECP256K1_PARAMETERS) },
      { type: CKA.value, value: Buffer.from(secretKey) },
    ]);
    putPublicKey(token, open, { label, point });
  });
}

/** Puts a known AES master key into a token. */
export function importMasterKey(token: Token, label: string, key: Uint8Array): void {
  token.now("import", ({ session }) => {
    token.library.C_CreateObject(session, [
      { type: CKA.class, value: CKO.secretKey },
      { type: CKA.keyType, value: CKK.aes },
      ...masterKeyAttributes(label, false),
      { type: CKA.value, value: Buffer.from(key) },
    ]);
  });
}
