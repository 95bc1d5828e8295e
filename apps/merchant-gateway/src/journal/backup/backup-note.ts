import { createHash } from "node:crypto";
import { toHex } from "@tallystick/protocol";
import type Database from "better-sqlite3";
import { z } from "zod";
import { JournalError } from "../events/journal-error.ts";
import type { JournalIdentity } from "../identity.ts";
import { APPLICATION_ID } from "../schema/migrations.ts";
import { BackupError } from "./backup-error.ts";

/** What a backup says of itself: of which journal it is, how far that had come, and which keys go with it. */
export interface BackupNote {
  readonly schema: typeof BACKUP_SCHEMA;
  /** Seconds. */
  readonly madeAt: number;
  readonly journal: string;
  /** Events in the journal's hash chain, and the link of the last. */
  readonly events: number;
  readonly head: string;
  readonly payee: string;
  readonly terminalId: string;
  /** The terminal's key by its fingerprint: SHA-256 of the public key's 33 bytes. No key is in a backup. */
  readonly terminalKey: string;
}

export const BACKUP_SCHEMA = "tallystick.backup/1";

/** The one table that a backup has and a journal has not. */
export const NOTE_TABLE = "backup_note";

const hexOf = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`));

const noteSchema = z.strictObject({
  schema: z.literal(BACKUP_SCHEMA),
  madeAt: z.int().min(0),
  journal: z.string(),
  events: z.int().min(0),
  head: hexOf(32),
  payee: hexOf(20),
  terminalId: hexOf(8),
  terminalKey: hexOf(32),
});

/** A public key as people compare it. */
export function fingerprintOf(publicKey: Uint8Array): string {
  return `0x${createHash("sha256").update(publicKey).digest("hex")}`;
}

/** Where the journal in this file ends, and whose it is. Throws JournalError where it is none. */
export function describeJournal(database: Database.Database, path: string): Omit<BackupNote, "schema" | "madeAt"> {
  if (Number(database.pragma("application_id", { simple: true })) !== APPLICATION_ID)
    throw new JournalError("JOURNAL_NOT_A_JOURNAL", `${path} is not a journal of this gateway.`);
  const owner = database
    .prepare<[], { journal_id: string; payee: Uint8Array; terminal_id: Uint8Array; terminal_key: Uint8Array }>(
      "SELECT journal_id, payee, terminal_id, terminal_key FROM identity",
    )
    .get();
  if (owner === undefined) throw new JournalError("JOURNAL_NOT_A_JOURNAL", `${path} belongs to no terminal.`);
  const last = database
    .prepare<[], { seq: number | bigint; link: Uint8Array }>("SELECT seq, link FROM event ORDER BY seq DESC LIMIT 1")
    .get();
  return {
    journal: owner.journal_id,
    events: Number(last?.seq ?? 0),
    head: toHex(last?.link ?? new Uint8Array(32)),
    payee: toHex(owner.payee),
    terminalId: toHex(owner.terminal_id),
    terminalKey: fingerprintOf(owner.terminal_key),
  };
}

/** The link of an event in a file's hash chain, in hexadecimal; null where it is shorter. */
export function linkAt(database: Database.Database, event: number): string | null {
  if (event === 0) return toHex(new Uint8Array(32));
  const row = database.prepare<[number], { link: Uint8Array }>("SELECT link FROM event WHERE seq = ?").get(event);
  return row === undefined ? null : toHex(row.link);
}

/** Reads what a backup says of itself, and compares it with what is in it. Throws BackupError. */
export function readNote(database: Database.Database, path: string): BackupNote {
  const fail = (why: string): BackupError => new BackupError("BACKUP_NOT_A_BACKUP", `${path} ${why}.`);
  let text: string | undefined;
  try {
    text = database.prepare<[], { note: string }>(`SELECT note FROM ${NOTE_TABLE}`).get()?.note;
  } catch {
    throw fail("is no backup of a terminal");
  }
  const parsed = noteSchema.safeParse(text === undefined ? undefined : JSON.parse(text));
  if (!parsed.success) throw fail("has a note that nobody can read");
  const note = parsed.data;
  const { schema: _schema, madeAt: _madeAt, ...said } = note;
  const found = describeJournal(database, path);
  if (JSON.stringify(said) !== JSON.stringify(found)) throw fail("holds another journal than its note says");
  return note;
}

/** Throws BACKUP_OTHER_TERMINAL where a backup is not of this terminal. */
export function assertOwner(note: BackupNote, { payee, terminalId, terminalKey }: JournalIdentity): void {
  const own = note.payee === toHex(payee) && note.terminalId === toHex(terminalId);
  if (own && note.terminalKey === fingerprintOf(terminalKey)) return;
  const what = own ? `key with the fingerprint ${note.terminalKey}` : `terminal ${note.terminalId} of ${note.payee}`;
  throw new BackupError("BACKUP_OTHER_TERMINAL", `The backup is of the ${what}, and this terminal is another.`);
}
