import type { KeyPlace } from "@tallystick/keystore";
import { digestOf, fromHex, toHex, verifyDigest } from "@tallystick/protocol";
import { Failure } from "../failures.ts";
import {
  type BackupFile,
  type RecordContent,
  recordContentSchema,
  type RecordFile,
  type ShareFile,
} from "./ceremony-files.ts";
import { assertSameKey } from "./compare-keys.ts";

/** What a record is held against, as far as it is at hand. */
export interface Evidence {
  /** Public keys that are known from elsewhere, such as the terminals' pinned ones; each must be in the record. */
  readonly pinned: readonly string[];
  readonly backup: BackupFile | null;
  readonly shares: readonly ShareFile[];
  /** Where the keys are now. */
  readonly place: KeyPlace | null;
}

/**
 * Verifies a record: every signing key in it has signed it, and what is at hand is what it names. A record that nothing
 * from elsewhere is held against shows only that its keys have signed it. Throws Failure RECORD_WRONG.
 */
export function verifyRecord({ content, signatures }: RecordFile, evidence: Evidence): RecordContent {
  const record = readContent(content);
  const digest = digestOf(new TextEncoder().encode(content));
  const signing = record.keys.filter(({ kind }) => kind === "signing");
  if (signing.length === 0 && evidence.place === null)
    throw wrong("It has no signing key, so that nobody signed it; compare it with the keys themselves.");
  for (const { label, publicKey = "" } of signing) {
    const signature = signatures.find((one) => one.label === label)?.signature;
    if (signature === undefined || !verifyDigest(fromHex(signature), digest, fromHex(publicKey)))
      throw wrong(`Key ${label} did not sign this record.`);
  }
  for (const pinned of evidence.pinned)
    if (!record.keys.some(({ publicKey }) => publicKey === pinned)) throw wrong(`It names no key ${pinned}.`);
  if (evidence.backup !== null) checkBackup(record, evidence.backup);
  for (const share of evidence.shares) checkShare(record, share);
  if (evidence.place !== null) for (const key of record.keys) assertSameKey(key, evidence.place);
  return record;
}

function readContent(text: string): RecordContent {
  try {
    return recordContentSchema.parse(JSON.parse(text));
  } catch {
    throw wrong("What it holds has not the form of a record.");
  }
}

function checkBackup({ ceremony, keys }: RecordContent, backup: BackupFile): void {
  if (backup.ceremony !== ceremony) throw wrong(`The backup is of another ceremony, ${backup.ceremony}.`);
  for (const { label, backup: hash } of keys) {
    const found = backup.keys.find((key) => key.label === label);
    if (found === undefined || toHex(digestOf(fromHex(found.wrapped))) !== hash)
      throw wrong(`The backup of key ${label} is another one.`);
  }
}

function checkShare({ ceremony, shares }: RecordContent, share: ShareFile): void {
  const { custodian } = share;
  const named = shares.find((one) => one.custodian === custodian);
  if (share.ceremony !== ceremony || named?.hash !== toHex(digestOf(fromHex(share.share))))
    throw wrong(`${custodian}'s share is another one.`);
}

function wrong(detail: string): Failure {
  return new Failure("RECORD_WRONG", detail);
}
