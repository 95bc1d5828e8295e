import { assertKeyFits, type KeyUse, makeKeyFile, readKeyFile } from "@tallystick/program";
import { fromHex, toHex } from "@tallystick/protocol";
import { z } from "zod";
import { createMemoryMasterKey } from "../development/master-key.ts";
import { openTokenMasterKey } from "../pkcs11/master-key.ts";
import type { CardMasterKey } from "../ports.ts";
import { keyLabel, kindOfKeyFile, tokenFields, tokenOf, type TokenEnvironment, unknownKind } from "./reference-file.ts";

/** Schema name of a file that says where a card master key is. */
export const MASTER_KEY_REFERENCE = "tallystick.pkcs11-master-key/1";

const DEVELOPMENT_MASTER_KEY = "tallystick.dev-master-key/1";

const referenceSchema = z.strictObject({
  schema: z.literal(MASTER_KEY_REFERENCE),
  ...tokenFields,
  keyLabel,
  /** Length of the key, which not every token shows of a restored one. */
  bytes: z.union([z.literal(16), z.literal(24), z.literal(32)]).optional(),
});

/** A key file says of itself whether it protects nothing of worth. */
const masterKeySchema = z.strictObject({
  schema: z.literal(DEVELOPMENT_MASTER_KEY),
  development: z.boolean(),
  /** AES-128, AES-192 or AES-256. */
  masterKey: z.string().regex(/^0x(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/),
});

/** Reads the bytes of a development master key; throws KeyFileError, whose text never holds the key. */
export function readMasterKeyBytes(path: string, use: KeyUse): Uint8Array {
  const { development, masterKey } = readKeyFile(path, masterKeySchema);
  assertKeyFits(path, development, use);
  return fromHex(masterKey);
}

/** Makes a development master key file; a file that is there is never touched. Throws KeyFileError. */
export function makeMasterKeyFile(path: string, masterKey: Uint8Array): void {
  makeKeyFile(path, { schema: DEVELOPMENT_MASTER_KEY, development: true, masterKey: toHex(masterKey) });
}

/**
 * Opens the card master key that a key file names: a development key (`tallystick.dev-master-key/1`), or
 * a key of an HSM (`tallystick.pkcs11-master-key/1`, with the fields of a signing key's reference).
 * Throws KeyFileError and KeystoreError.
 */
export function openMasterKey(path: string, use: KeyUse, environment: TokenEnvironment = {}): CardMasterKey {
  const kind = kindOfKeyFile(path);
  if (kind === MASTER_KEY_REFERENCE) {
    const reference = readKeyFile(path, referenceSchema);
    return openTokenMasterKey(tokenOf(reference, path, environment), reference.keyLabel, reference.bytes);
  }
  if (kind !== DEVELOPMENT_MASTER_KEY) throw unknownKind(path, kind);
  return createMemoryMasterKey(readMasterKeyBytes(path, use));
}
