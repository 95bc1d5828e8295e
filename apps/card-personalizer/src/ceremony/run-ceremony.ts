import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { divideBackupKey, joinBackupKey, type KeyPlace } from "@tallystick/keystore";
import { KeyFileError, makeKeyFile } from "@tallystick/program";
import { digestOf, fromHex, toHex } from "@tallystick/protocol";
import type { Environment } from "../environment.ts";
import { Failure } from "../failures.ts";
import { type CeremonyConfig, drawBackupKey } from "./ceremony-config.ts";
import {
  type BackupFile,
  makeBackupFile,
  makeRecordFile,
  makeShareFile,
  type NamedKey,
  readBackupFile,
  readShareFile,
  type RecordContent,
  shownOf,
  wrappedKeyOf,
} from "./ceremony-files.ts";
import { compareKey, nameKey } from "./compare-keys.ts";

/** What a ceremony has made. */
export interface CeremonyDone {
  readonly record: string;
  readonly keys: readonly NamedKey[];
  readonly restoredIn: string | null;
}

/**
 * Draws the keys, backs them up, divides the backup's key among the custodians, restores the backup from the files of as
 * few of them as must be enough, compares every key, locks the keys, and writes the record, which every signing key signs.
 * What was drawn before a failure stays where it is and is never replaced. Throws KeystoreError, KeyFileError, Failure.
 */
export async function runCeremony(
  config: CeremonyConfig,
  { now, randomBytes }: Pick<Environment, "now" | "randomBytes">,
  tell: (sentence: string) => void,
): Promise<CeremonyDone> {
  const { output } = config;
  const [place, spare] = [config.openPlace(), config.openSpare?.() ?? null];
  makeOutput(output);
  for (const { label } of config.keys) for (const one of [place, spare]) one?.assertFree(label);
  const ceremony = toHex(randomBytes(8));
  const backupKey = drawBackupKey(randomBytes);
  const backup = await drawKeys(config, place, { ceremony, backupKey, tell });
  const shares = await makeShares(config, { ceremony, backupKey });
  backupKey.fill(0);
  tell(`The backup's key is divided: ${config.threshold} of ${shares.length} custodians restore it.`);
  if (spare !== null) {
    // From the files alone, as on the day on which it has to work.
    const some = shares.slice(-config.threshold).map(({ path }) => path);
    await restoreKeys(readBackupFile(join(output, "backup.json")), some, spare);
    for (const key of backup.keys) await compareKey(key, { place, spare });
    tell(`The backup was restored in ${spare.name}, and every key is the same there.`);
  }
  const content: RecordContent = {
    ...{ schema: "tallystick.key-ceremony/1", ceremony, at: new Date(now()).toISOString(), mode: config.mode },
    domain: { chainId: config.domain.chainId.toString(), vault: toHex(config.domain.vault) },
    ...{ place: place.name, restoredIn: spare?.name ?? null, threshold: config.threshold },
    keys: backup.keys.map(({ wrapped, ...key }) => ({ ...key, backup: toHex(digestOf(fromHex(wrapped))) })),
    shares: shares.map(({ custodian, share }) => ({ custodian, hash: toHex(digestOf(share)) })),
  };
  for (const { share } of shares) share.fill(0);
  const record = join(output, "record.json");
  makeRecordFile(record, await signRecord(content, place));
  for (const key of config.keys) {
    const file = place.keyFileOf(key);
    if (file !== null) makeKeyFile(join(output, `key-${encodeURIComponent(key.label)}.json`), file);
  }
  return { record, keys: backup.keys.map(({ wrapped: _wrapped, ...key }) => key), restoredIn: content.restoredIn };
}

/** The folder of this ceremony alone: a file of another one in it would only be found when the keys are drawn. */
function makeOutput(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (readdirSync(path).length > 0)
    throw new KeyFileError("KEY_FILE_EXISTS", path, `${path} is not empty; a ceremony has a folder of its own.`);
}

async function drawKeys(
  { keys, output }: CeremonyConfig,
  place: KeyPlace,
  made: { readonly ceremony: string; readonly backupKey: Uint8Array; readonly tell: (sentence: string) => void },
): Promise<BackupFile> {
  const wrapped = keys.map((key) => {
    place.draw(key);
    const bytes = place.wrap(key, made.backupKey);
    place.lock(key);
    const named = nameKey(key, place);
    made.tell(`${key.label} was drawn in ${place.name}: ${shownOf(named)}.`);
    return { ...named, wrapped: toHex(bytes) };
  });
  const path = join(output, "backup.json");
  makeBackupFile(path, { ceremony: made.ceremony, keys: wrapped });
  return readBackupFile(path);
}

async function makeShares(
  { custodians, threshold, output }: CeremonyConfig,
  { ceremony, backupKey }: { readonly ceremony: string; readonly backupKey: Uint8Array },
): Promise<readonly { readonly custodian: string; readonly path: string; readonly share: Uint8Array }[]> {
  const shares = await divideBackupKey(backupKey, { shares: custodians.length, threshold });
  return shares.map((share, index) => {
    const custodian = custodians[index] ?? "";
    const path = join(output, `share-${custodian}.json`);
    makeShareFile(path, { ceremony, custodian, threshold, of: custodians.length, share: toHex(share) });
    return { custodian, path, share };
  });
}

/**
 * Restores every key of a backup from custodians' files. Throws Failure RECORD_WRONG where they are of another ceremony, or
 * too few, and KeystoreError BACKUP_UNREADABLE.
 */
export async function restoreKeys(backup: BackupFile, sharePaths: readonly string[], place: KeyPlace): Promise<void> {
  const shares = sharePaths.map(readShareFile);
  for (const { ceremony, custodian } of shares)
    if (ceremony !== backup.ceremony)
      throw new Failure("RECORD_WRONG", `${custodian}'s share is of another ceremony, ${ceremony}.`);
  const needed = shares[0]?.threshold ?? 0;
  if (new Set(shares.map(({ share }) => share)).size < Math.max(needed, 1))
    throw new Failure("RECORD_WRONG", `${needed} different shares are needed; ${shares.length} came.`);
  const backupKey = await joinBackupKey(shares.map(({ share }) => fromHex(share)));
  try {
    for (const key of backup.keys) place.restore(wrappedKeyOf(key), backupKey);
  } finally {
    backupKey.fill(0);
  }
}

async function signRecord(record: RecordContent, place: KeyPlace) {
  const content = JSON.stringify(record);
  const digest = digestOf(new TextEncoder().encode(content));
  const signatures: { label: string; signature: string }[] = [];
  for (const { label, kind } of record.keys)
    if (kind === "signing")
      signatures.push({ label, signature: toHex(await place.openSigningKey(label).sign(digest)) });
  return { content, signatures };
}
