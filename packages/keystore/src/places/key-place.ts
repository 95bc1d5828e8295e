import type { CardMasterKey, SigningKey } from "../ports.ts";

/** What a key is for. */
export type KeyKind = "signing" | "card-master";

/** A key that a place has or gets, by its label there. */
export interface PlacedKey {
  readonly kind: KeyKind;
  readonly label: string;
  /** Id of an issuer key; 1 where it is left out. */
  readonly keyId?: number | undefined;
  /** Bytes of a master key: 16, 24 or 32. */
  readonly bytes?: number | undefined;
}

/** A key as its backup holds it: wrapped with AES-256 by RFC 5649, and what names it. */
export interface WrappedKey extends PlacedKey {
  readonly wrapped: Uint8Array;
  /** Of a signing key, compressed. */
  readonly publicKey?: Uint8Array | undefined;
}

/**
 * Where keys are made, backed up and restored: a token of an HSM, or a folder for development. None of
 * its calls replaces a key. All throw KeystoreError, and KeyFileError for a folder.
 */
export interface KeyPlace {
  /** For the record: the token's label and serial, or that it is a folder for development. */
  readonly name: string;
  /** Throws KeystoreError HSM_KEY_EXISTS where a key of that label is there. */
  assertFree(label: string): void;
  /** Draws a key that can be backed up once. */
  draw(key: PlacedKey): void;
  /** The key wrapped by `backupKey` (32 bytes), in place: it is never outside unwrapped. */
  wrap(key: PlacedKey, backupKey: Uint8Array): Uint8Array;
  /** Takes away for good that a key may be wrapped. */
  lock(key: PlacedKey): void;
  /** Puts a key of a backup here, locked. Throws BACKUP_UNREADABLE where the backup's key is another one. */
  restore(key: WrappedKey, backupKey: Uint8Array): void;
  openSigningKey(label: string): SigningKey;
  /** `bytes` is the key's length, which not every token shows. */
  openMasterKey(label: string, bytes?: number): CardMasterKey;
  /** The key file with which programs open this key. */
  keyFileOf(key: PlacedKey): Readonly<Record<string, unknown>> | null;
}
