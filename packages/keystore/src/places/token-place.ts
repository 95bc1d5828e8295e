import { uncompressKey } from "@tallystick/protocol";
import type { Handle } from "pkcs11js";
import { MASTER_KEY_REFERENCE } from "../files/master-key-file.ts";
import type { TokenReference } from "../files/reference-file.ts";
import { SIGNING_KEY_REFERENCE } from "../files/signing-key-file.ts";
import { KeystoreError } from "../keystore-error.ts";
import { DEFAULT_MASTER_KEY_BYTES, MAX_WRAPPED_BYTES } from "../limits.ts";
import { CKA, CKK, CKM, CKO } from "../pkcs11/constants.ts";
import {
  assertNoKey,
  drawTokenMasterKey,
  drawTokenSigningKey,
  lockKey,
  masterKeyAttributes,
  privateKeyAttributes,
  putPublicKey,
} from "../pkcs11/draw-keys.ts";
import { findKey } from "../pkcs11/find-key.ts";
import { openTokenMasterKey } from "../pkcs11/master-key.ts";
import { returnCodeOf } from "../pkcs11/return-codes.ts";
import { openTokenSigningKey } from "../pkcs11/signing-key.ts";
import type { OpenSession, Token } from "../pkcs11/token.ts";
import type { KeyKind, KeyPlace, PlacedKey, WrappedKey } from "./key-place.ts";

const CLASS_OF: Readonly<Record<KeyKind, number>> = { signing: CKO.privateKey, "card-master": CKO.secretKey };

/** A token as a place of keys; `reference` is what key files say of it. */
export function createTokenPlace(token: Token, reference: TokenReference): KeyPlace {
  return {
    name: `token ${token.label}, serial ${token.serial()}`,
    assertFree: (label) => token.now(`Looking for key ${label}`, (open) => assertNoKey(token, open, label)),
    draw: ({ kind, label, bytes = DEFAULT_MASTER_KEY_BYTES }) => {
      if (kind === "signing") drawTokenSigningKey(token, { label, extractable: true });
      else drawTokenMasterKey(token, { label, extractable: true, bytes });
    },
    wrap: ({ kind, label }, backupKey) =>
      token.now(`Wrapping key ${label}`, (open) =>
        withBackupKey(token, open, { backupKey, right: CKA.wrap }, (wrapping) => {
          const key = findKey(token, open, { objectClass: CLASS_OF[kind], label });
          const room = Buffer.alloc(MAX_WRAPPED_BYTES);
          return Uint8Array.from(
            token.library.C_WrapKey(open.session, { mechanism: CKM.aesKeyWrapPad }, wrapping, key, room),
          );
        }),
      ),
    lock: ({ kind, label }) => lockKey(token, label, CLASS_OF[kind]),
    restore: (key, backupKey) => restore(token, key, backupKey),
    openSigningKey: (label) => openTokenSigningKey(token, label),
    openMasterKey: (label, bytes) => openTokenMasterKey(token, label, bytes),
    keyFileOf: (key) => keyFileOf(reference, key),
  };
}

/** The key of the backup is in the token for one call, as an object of its session that cannot leave it. */
function withBackupKey<T>(
  token: Token,
  { session }: OpenSession,
  { backupKey, right }: { readonly backupKey: Uint8Array; readonly right: number },
  work: (handle: Handle) => T,
): T {
  const value = Buffer.from(backupKey);
  const handle = token.library.C_CreateObject(session, [
    { type: CKA.class, value: CKO.secretKey },
    { type: CKA.keyType, value: CKK.aes },
    { type: CKA.token, value: false },
    { type: CKA.private, value: true },
    { type: CKA.sensitive, value: true },
    { type: CKA.extractable, value: false },
    { type: right, value: true },
    { type: CKA.value, value },
  ]);
  value.fill(0);
  try {
    return work(handle);
  } finally {
    token.library.C_DestroyObject(session, handle);
  }
}

/** CKR_WRAPPED_KEY_INVALID and CKR_WRAPPED_KEY_LEN_RANGE; libraries on OpenSSL say CKR_GENERAL_ERROR as well. */
const UNREADABLE: readonly number[] = [0x05, 0x06, 0x110, 0x112];

function restore(token: Token, { kind, label, wrapped, publicKey }: WrappedKey, backupKey: Uint8Array): void {
  const attributes =
    kind === "signing"
      ? [...privateKeyAttributes(label, false), { type: CKA.keyType, value: CKK.ec }]
      : [...masterKeyAttributes(label, false), { type: CKA.keyType, value: CKK.aes }];
  token.now(`Restoring key ${label}`, (open) => {
    assertNoKey(token, open, label);
    withBackupKey(token, open, { backupKey, right: CKA.unwrap }, (unwrapping) => {
      try {
        token.library.C_UnwrapKey(open.session, { mechanism: CKM.aesKeyWrapPad }, unwrapping, Buffer.from(wrapped), [
          { type: CKA.class, value: CLASS_OF[kind] },
          ...attributes,
        ]);
      } catch (error) {
        if (!UNREADABLE.includes(returnCodeOf(error) ?? -1)) throw error;
        throw new KeystoreError("BACKUP_UNREADABLE", `The backup of key ${label} does not open with these shares.`);
      }
    });
    if (publicKey !== undefined) putPublicKey(token, open, { label, point: uncompressKey(publicKey) });
  });
}

function keyFileOf(
  reference: TokenReference,
  { kind, label, keyId = 1 }: PlacedKey,
): Readonly<Record<string, unknown>> {
  if (kind === "card-master") return { schema: MASTER_KEY_REFERENCE, ...reference, keyLabel: label };
  return { schema: SIGNING_KEY_REFERENCE, ...reference, keyLabel: label, keyId };
}
