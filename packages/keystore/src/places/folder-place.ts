import { createPrivateKey } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { aeskwp } from "@noble/ciphers/aes.js";
import { makeDevelopmentKey, readDevelopmentKey } from "@tallystick/program";
import { createSigner, uncompressKey } from "@tallystick/protocol";
import { createMemoryMasterKey } from "../development/master-key.ts";
import { createMemorySigningKey } from "../development/signing-key.ts";
import { makeMasterKeyFile, readMasterKeyBytes } from "../files/master-key-file.ts";
import { KeystoreError } from "../keystore-error.ts";
import { DEFAULT_MASTER_KEY_BYTES } from "../limits.ts";
import type { KeyPlace, PlacedKey } from "./key-place.ts";

/** Keys for development protect nothing of worth, on whatever chain they are named for. */
const DEVELOPMENT = { chainIds: [] };

/**
 * A folder of development key files as a place of keys, so that a ceremony can be rehearsed without an
 * HSM. Its backups have the form of an HSM's, and each opens where the other was made.
 */
export function createFolderPlace(folder: string, randomBytes: (length: number) => Uint8Array): KeyPlace {
  const pathOf = (label: string): string => join(folder, `${encodeURIComponent(label)}.json`);
  const assertFree = (label: string): void => {
    if (existsSync(pathOf(label))) throw new KeystoreError("HSM_KEY_EXISTS", `The folder has a key ${label} already.`);
  };
  const put = ({ kind, label, keyId }: PlacedKey, secret: Uint8Array): void => {
    assertFree(label);
    if (kind === "signing") makeDevelopmentKey(pathOf(label), secret, keyId);
    else makeMasterKeyFile(pathOf(label), secret);
  };
  const read = ({ kind, label }: Pick<PlacedKey, "kind" | "label">): Uint8Array =>
    kind === "signing"
      ? readDevelopmentKey(pathOf(label), DEVELOPMENT).secretKey
      : readMasterKeyBytes(pathOf(label), DEVELOPMENT);
  return {
    name: "a folder of development keys",
    assertFree,
    draw: (key) => put(key, randomBytes(key.kind === "signing" ? 32 : (key.bytes ?? DEFAULT_MASTER_KEY_BYTES))),
    wrap: (key, backupKey) => {
      const secret = read(key);
      return aeskwp(backupKey).encrypt(key.kind === "signing" ? pkcs8Of(secret) : secret);
    },
    lock: () => undefined,
    restore: (key, backupKey) => {
      put(key, key.kind === "signing" ? secretOf(opened(key, backupKey)) : opened(key, backupKey));
    },
    openSigningKey: (label) => createMemorySigningKey(read({ kind: "signing", label })),
    openMasterKey: (label) => createMemoryMasterKey(read({ kind: "card-master", label })),
    keyFileOf: () => null,
  };
}

function opened({ label, wrapped }: { readonly label: string; readonly wrapped: Uint8Array }, key: Uint8Array) {
  try {
    return aeskwp(key).decrypt(wrapped);
  } catch {
    throw new KeystoreError("BACKUP_UNREADABLE", `The backup of key ${label} does not open with these shares.`);
  }
}

/** A private key as HSMs wrap it: PrivateKeyInfo of PKCS #8 (RFC 5208). */
function pkcs8Of(secretKey: Uint8Array): Uint8Array {
  const point = uncompressKey(createSigner(secretKey).publicKey);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const [x, y] = [text(point.subarray(1, 33)), text(point.subarray(33))];
  const key = createPrivateKey({
    key: { kty: "EC", crv: "secp256k1", d: text(secretKey), x, y },
    format: "jwk",
  });
  return Uint8Array.from(key.export({ type: "pkcs8", format: "der" }));
}

function secretOf(pkcs8: Uint8Array): Uint8Array {
  const { d = "" } = createPrivateKey({ key: Buffer.from(pkcs8), type: "pkcs8", format: "der" }).export({
    format: "jwk",
  });
  return Uint8Array.from(Buffer.from(d, "base64url"));
}
