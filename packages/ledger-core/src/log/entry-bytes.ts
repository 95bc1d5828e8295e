import type { TransferRecord } from "../model/record.ts";

/**
 * Names the form of an entry; another form would have another name, so that no entry can be read as
 * another one.
 */
const FORM = "tallystick.entry/1";

/**
 * An entry of the log as text, the same from every engine: a JSON array without blanks of the
 * form's name, id, kind, asset, debit, credit, amount as a decimal string, target or null, expiry
 * in milliseconds or null, and time in milliseconds.
 */
export function entryText(record: Omit<TransferRecord, "fingerprint">): string {
  const { id, kind, asset, debit, credit, amount, target, expiresAtMs, atMs } = record;
  return JSON.stringify([FORM, id, kind, asset, debit, credit, amount.toString(), target, expiresAtMs, atMs]);
}

/** What the log's leaf is made of: the entry's text in UTF-8. */
export function entryBytes(record: Omit<TransferRecord, "fingerprint">): Uint8Array {
  return new TextEncoder().encode(entryText(record));
}
