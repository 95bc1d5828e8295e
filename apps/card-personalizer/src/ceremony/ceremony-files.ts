import { MAX_WRAPPED_BYTES, type WrappedKey } from "@tallystick/keystore";
import { makeKeyFile, readKeyFile } from "@tallystick/program";
import { addressOfKey, fromHex, toChecksumAddress, toHex } from "@tallystick/protocol";
import { checkValueText, hexText, hexTextUpTo } from "@tallystick/protocol/wire";
import { z } from "zod";
import { MAX_CEREMONY_KEYS, MAX_RECORD_CHARACTERS } from "../limits.ts";

const BACKUP = "tallystick.key-backup/1";
const SHARE = "tallystick.key-share/1";
const RECORD = "tallystick.key-ceremony-record/1";

/** What names a key in a backup and a record: a signing key's public key, or a master key's check value. */
const namedKey = {
  label: z.string().min(1).max(64),
  kind: z.enum(["signing", "card-master"]),
  keyId: z.int().min(0).max(255).optional(),
  bytes: z.int().optional(),
  publicKey: hexText(33).optional(),
  checkValue: checkValueText.optional(),
};

const backupSchema = z.strictObject({
  schema: z.literal(BACKUP),
  ceremony: hexText(8),
  keys: z
    .array(z.strictObject({ ...namedKey, wrapped: hexTextUpTo(MAX_WRAPPED_BYTES) }))
    .min(1)
    .max(MAX_CEREMONY_KEYS),
});

const shareSchema = z.strictObject({
  schema: z.literal(SHARE),
  ceremony: hexText(8),
  custodian: z.string(),
  threshold: z.int(),
  of: z.int(),
  share: hexText(33),
});

const recordSchema = z.strictObject({
  schema: z.literal(RECORD),
  /** The text that was signed, as it is. */
  content: z.string().max(MAX_RECORD_CHARACTERS),
  signatures: z.array(z.strictObject({ label: z.string(), signature: hexText(64) })).max(MAX_CEREMONY_KEYS),
});

/** What a record says. */
export const recordContentSchema = z.strictObject({
  schema: z.literal("tallystick.key-ceremony/1"),
  ceremony: hexText(8),
  at: z.iso.datetime(),
  mode: z.enum(["production", "development"]),
  domain: z.strictObject({ chainId: z.string(), vault: hexText(20) }),
  place: z.string(),
  /** Where the backup was restored and compared; null where it was not. */
  restoredIn: z.string().nullable(),
  keys: z.array(z.strictObject({ ...namedKey, backup: hexText(32) })).min(1),
  threshold: z.int(),
  shares: z.array(z.strictObject({ custodian: z.string(), hash: hexText(32) })),
});

/** A key as backup and record name it. */
export interface NamedKey {
  readonly label: string;
  readonly kind: "signing" | "card-master";
  readonly keyId?: number | undefined;
  readonly bytes?: number | undefined;
  readonly publicKey?: string | undefined;
  readonly checkValue?: string | undefined;
}

export type BackupFile = z.infer<typeof backupSchema>;
export type ShareFile = z.infer<typeof shareSchema>;
export type RecordFile = z.infer<typeof recordSchema>;
export type RecordContent = z.infer<typeof recordContentSchema>;

/** Makes the backup's file; none is ever replaced. These throw KeyFileError. */
export function makeBackupFile(path: string, backup: Omit<BackupFile, "schema">): void {
  makeKeyFile(path, { schema: BACKUP, ...backup });
}

export function readBackupFile(path: string): BackupFile {
  return readKeyFile(path, backupSchema);
}

/** Makes one custodian's file, for his eyes only. */
export function makeShareFile(path: string, share: Omit<ShareFile, "schema">): void {
  makeKeyFile(path, { schema: SHARE, ...share });
}

export function readShareFile(path: string): ShareFile {
  return readKeyFile(path, shareSchema);
}

export function makeRecordFile(path: string, record: Omit<RecordFile, "schema">): void {
  makeKeyFile(path, { schema: RECORD, ...record });
}

export function readRecordFile(path: string): RecordFile {
  return readKeyFile(path, recordSchema);
}

/** A key of a backup as a place restores it. */
export function wrappedKeyOf({ wrapped, publicKey, ...key }: BackupFile["keys"][number]): WrappedKey {
  return { ...key, wrapped: fromHex(wrapped), publicKey: publicKey === undefined ? undefined : fromHex(publicKey) };
}

/** What is read aloud of a key: its public key with its account on the chain, or its check value. */
export function shownOf({ publicKey, checkValue = "" }: NamedKey): string {
  if (publicKey === undefined) return checkValue;
  return `${publicKey}, account ${toChecksumAddress(addressOfKey(fromHex(publicKey)))}`;
}

/** Text of a check value. */
export function checkValueOf(bytes: Uint8Array): string {
  return toHex(bytes).slice(2).toUpperCase();
}
