import type { Attribute } from "pkcs11js";
import { KeystoreError } from "../keystore-error.ts";
import { CKA, CKK, CKM, CKO, SECP256K1_PARAMETERS } from "./constants.ts";
import { findObjects } from "./find-key.ts";
import type { OpenSession, Token } from "./token.ts";

/** Tag of an octet string in DER. */
const OCTET_STRING = 0x04;

/** A key that is to be made, and whether it may leave its token once, wrapped, for its backup. */
export interface NewKey {
  readonly label: string;
  /** True until the backup is made; then `lockKey` takes it away for good. */
  readonly extractable: boolean;
}

/** What every private object of ours is: kept in the token, seen after login alone, never shown. */
export function secretAttributes(label: string, extractable: boolean): Attribute[] {
  return [
    { type: CKA.token, value: true },
    { type: CKA.private, value: true },
    { type: CKA.sensitive, value: true },
    { type: CKA.extractable, value: extractable },
    { type: CKA.label, value: label },
  ];
}

/** What a secp256k1 private key of ours may do. */
export function privateKeyAttributes(label: string, extractable: boolean): Attribute[] {
  return [
    ...secretAttributes(label, extractable),
    { type: CKA.sign, value: true },
    { type: CKA.id, value: idOf(label) },
  ];
}

/** The public key of a pair. */
export function publicKeyAttributes(label: string): Attribute[] {
  return [
    { type: CKA.token, value: true },
    { type: CKA.label, value: label },
    { type: CKA.id, value: idOf(label) },
    { type: CKA.verify, value: true },
    { type: CKA.ecParameters, value: Buffer.from(SECP256K1_PARAMETERS) },
  ];
}

/** What an AES master key may do: CMAC, and its check value. */
export function masterKeyAttributes(label: string, extractable: boolean): Attribute[] {
  return [
    ...secretAttributes(label, extractable),
    { type: CKA.sign, value: true },
    { type: CKA.encrypt, value: true },
    { type: CKA.decrypt, value: false },
  ];
}

/** Throws KeystoreError HSM_KEY_EXISTS where the token has a key of that label: none is ever replaced. */
export function assertNoKey(token: Token, open: OpenSession, label: string): void {
  for (const objectClass of [CKO.privateKey, CKO.publicKey, CKO.secretKey])
    if (findObjects(token, open, { objectClass, label }).length > 0)
      throw new KeystoreError("HSM_KEY_EXISTS", `Token ${token.label} has a key ${label} already.`);
}

/** Puts the public key of a pair, whose private key came another way; `point` is uncompressed. */
export function putPublicKey(
  { library }: Token,
  { session }: OpenSession,
  { label, point }: { readonly label: string; readonly point: Uint8Array },
): void {
  library.C_CreateObject(session, [
    { type: CKA.class, value: CKO.publicKey },
    { type: CKA.keyType, value: CKK.ec },
    ...publicKeyAttributes(label),
    { type: CKA.ecPoint, value: Buffer.from([OCTET_STRING, point.length, ...point]) },
  ]);
}

/** Draws a secp256k1 key pair in the token. Throws KeystoreError. */
export function drawTokenSigningKey(token: Token, { label, extractable }: NewKey): void {
  token.now(`Drawing key ${label}`, (open) => {
    assertNoKey(token, open, label);
    token.library.C_GenerateKeyPair(
      open.session,
      { mechanism: CKM.ecKeyPairGeneration },
      publicKeyAttributes(label),
      privateKeyAttributes(label, extractable),
    );
  });
}

/** Draws an AES master key of 16, 24 or 32 bytes in the token. Throws KeystoreError. */
export function drawTokenMasterKey(
  token: Token,
  { label, extractable, bytes }: NewKey & { readonly bytes: number },
): void {
  token.now(`Drawing key ${label}`, (open) => {
    assertNoKey(token, open, label);
    token.library.C_GenerateKey(open.session, { mechanism: CKM.aesKeyGeneration }, [
      ...masterKeyAttributes(label, extractable),
      { type: CKA.keyType, value: CKK.aes },
      { type: CKA.valueLength, value: bytes },
    ]);
  });
}

/** Takes away for good that a key may leave its token. Throws KeystoreError. */
export function lockKey(token: Token, label: string, objectClass: number): void {
  token.now(`Locking key ${label}`, (open) => {
    for (const handle of findObjects(token, open, { objectClass, label }))
      token.library.C_SetAttributeValue(open.session, handle, [{ type: CKA.extractable, value: false }]);
  });
}

function idOf(label: string): Buffer {
  return Buffer.from(label, "ascii");
}
