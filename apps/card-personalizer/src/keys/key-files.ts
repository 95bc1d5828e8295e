import { randomBytes } from "node:crypto";
import { makeMasterKeyFile, openMasterKey, openSigningKey } from "@tallystick/keystore";
import { KeyFileError, type KeyUse, makeDevelopmentKey } from "@tallystick/program";
import type { Signer } from "@tallystick/protocol";
import { createMasterKeys, type CardKeys, type MasterKeys } from "./card-keys.ts";

/** What names the master keys of a configuration. */
export interface MasterKeyFiles {
  readonly masterKeyFile: string;
  readonly formerMasterKeyFiles: readonly string[];
  readonly stock: { readonly ownKeyVersion: number };
}

/**
 * Opens the present master key and the former ones, each in a development file or in an HSM. Throws KeyFileError, also
 * where one key is named twice, and KeystoreError; their texts never hold a key.
 */
export function openMasterKeys(
  { masterKeyFile, formerMasterKeyFiles, stock }: MasterKeyFiles,
  use: KeyUse,
): MasterKeys {
  const open = (path: string): CardKeys => createMasterKeys(openMasterKey(path, use), stock.ownKeyVersion);
  const present = open(masterKeyFile);
  const former: CardKeys[] = [];
  for (const path of formerMasterKeyFiles) {
    const keys = open(path);
    if ([present, ...former].some(({ name }) => name === keys.name))
      throw new KeyFileError("KEY_FILE_MALFORMED", path, `${path} has the check value ${keys.name} of another one.`);
    former.push(keys);
  }
  return { ...present, former };
}

/** Opens the signer of the issuer's terminal; throws KeyFileError and KeystoreError. */
export function readTerminalSigner(path: string, use: KeyUse): Signer {
  return openSigningKey(path, use).key;
}

/** Draws a card master key into a new development file; a file that is there is never touched. */
export function drawMasterKeyFile(path: string): void {
  makeMasterKeyFile(path, Uint8Array.from(randomBytes(16)));
}

/** Draws a terminal key into a new development file; a file that is there is never touched. */
export function drawTerminalKeyFile(path: string): void {
  makeDevelopmentKey(path, Uint8Array.from(randomBytes(32)));
}
