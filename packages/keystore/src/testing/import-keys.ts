import { uncompressKey } from "@tallystick/protocol";
import { createMemorySigningKey } from "../development/signing-key.ts";
import { CKA, CKK, CKO, SECP256K1_PARAMETERS } from "../pkcs11/constants.ts";
import { masterKeyAttributes, privateKeyAttributes, publicKeyAttributes } from "../pkcs11/draw-keys.ts";
import type { Token } from "../pkcs11/token.ts";

/** An octet string of 65 bytes in DER. */
const POINT_HEADER = [0x04, 65] as const;

/** Puts a known signing key of 32 bytes into a token, as no programme does: only tests know secrets. */
export function importSigningKey(token: Token, label: string, secretKey: Uint8Array): void {
  const point = uncompressKey(createMemorySigningKey(secretKey).publicKey);
  token.now("import", ({ session }) => {
    token.library.C_CreateObject(session, [
      { type: CKA.class, value: CKO.privateKey },
      { type: CKA.keyType, value: CKK.ec },
      ...privateKeyAttributes(label, false),
      { type: CKA.ecParameters, value: Buffer.from(SECP256K1_PARAMETERS) },
      { type: CKA.value, value: Buffer.from(secretKey) },
    ]);
    token.library.C_CreateObject(session, [
      { type: CKA.class, value: CKO.publicKey },
      { type: CKA.keyType, value: CKK.ec },
      ...publicKeyAttributes(label),
      { type: CKA.ecPoint, value: Buffer.from([...POINT_HEADER, ...point]) },
    ]);
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
