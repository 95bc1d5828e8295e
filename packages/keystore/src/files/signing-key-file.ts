import { type KeyUse, readDevelopmentKey, readKeyFile } from "@tallystick/program";
import { z } from "zod";
import { createMemorySigningKey } from "../development/signing-key.ts";
import { openTokenSigningKey } from "../pkcs11/signing-key.ts";
import type { SigningKey } from "../ports.ts";
import { keyLabel, kindOfKeyFile, tokenFields, tokenOf, type TokenEnvironment, unknownKind } from "./reference-file.ts";

/** Schema name of a file that says where a signing key is. */
export const SIGNING_KEY_REFERENCE = "tallystick.pkcs11-key/1";

const referenceSchema = z.strictObject({
  schema: z.literal(SIGNING_KEY_REFERENCE),
  ...tokenFields,
  keyLabel,
  /** The id of an issuer key. */
  keyId: z.int().min(0).max(255).default(1),
});

/**
 * Opens the signing key that a key file names: a development key (`tallystick.dev-key/1`), or a key of
 * an HSM:
 * `{"schema":"tallystick.pkcs11-key/1","library":"…/libsofthsm2.so","tokenLabel":"programme","keyLabel":"issuer-1","pinFile":"token.pin"}`.
 * Throws KeyFileError and KeystoreError.
 */
export function openSigningKey(
  path: string,
  use: KeyUse,
  environment: TokenEnvironment = {},
): { readonly keyId: number; readonly key: SigningKey } {
  const kind = kindOfKeyFile(path);
  if (kind === SIGNING_KEY_REFERENCE) {
    const reference = readKeyFile(path, referenceSchema);
    const key = openTokenSigningKey(tokenOf(reference, path, environment), reference.keyLabel);
    return { keyId: reference.keyId, key };
  }
  if (kind !== "tallystick.dev-key/1") throw unknownKind(path, kind);
  const { keyId, secretKey } = readDevelopmentKey(path, use);
  return { keyId, key: createMemorySigningKey(secretKey) };
}
