// The ports
export type { CardMasterKey, RecoverableSignature, SigningKey } from "./ports.ts";
export { KeystoreError, type KeystoreErrorCode } from "./keystore-error.ts";

// Keys in memory, for development
export { createMemoryMasterKey } from "./development/master-key.ts";
export { createMemorySigningKey } from "./development/signing-key.ts";

// Keys in an HSM
export { loadLibrary, type LoadLibrary, type Pkcs11Library } from "./pkcs11/library.ts";
export { openTokenMasterKey } from "./pkcs11/master-key.ts";
export { openTokenSigningKey } from "./pkcs11/signing-key.ts";
export { Token, type OpenSession, type TokenName, type TokenOptions } from "./pkcs11/token.ts";
export { drawTokenMasterKey, drawTokenSigningKey, type NewKey } from "./pkcs11/draw-keys.ts";

// Places of keys, and backups
export type { KeyKind, KeyPlace, PlacedKey, WrappedKey } from "./places/key-place.ts";
export { createFolderPlace } from "./places/folder-place.ts";
export { divideBackupKey, joinBackupKey } from "./places/shares.ts";
export { createTokenPlace } from "./places/token-place.ts";
export {
  BACKUP_KEY_BYTES,
  DEFAULT_MASTER_KEY_BYTES,
  LEAST_THRESHOLD,
  MAX_CUSTODIANS,
  MAX_WRAPPED_BYTES,
} from "./limits.ts";

// Key files, whichever they name
export { MASTER_KEY_REFERENCE, makeMasterKeyFile, openMasterKey, readMasterKeyBytes } from "./files/master-key-file.ts";
export { openSigningKey, SIGNING_KEY_REFERENCE } from "./files/signing-key-file.ts";
export { keyLabel, tokenFields, tokenOf, type TokenReference, type TokenEnvironment } from "./files/reference-file.ts";
