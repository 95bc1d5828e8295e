import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { takeRights } from "@tallystick/program";
import Database from "better-sqlite3";
import type { JournalIdentity } from "../identity.ts";
import { Journal } from "../journal.ts";
import { BackupError } from "./backup-error.ts";
import { assertOwner, BACKUP_SCHEMA, type BackupNote, describeJournal, NOTE_TABLE, readNote } from "./backup-note.ts";

/** Has a file, or a folder's names, on the disk. */
export function flush(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a copy of the journal into a new file, consistent at one moment, with a note of what it is;
 * durable when this returns. The journal is checked as at every start, so that what is kept can be
 * used. Throws BackupError, JournalError JOURNAL_IN_USE while a gateway runs on it, and whatever else
 * keeps a gateway from starting on it.
 */
export function makeBackup(options: {
  readonly journalPath: string;
  readonly witnessPath: string;
  readonly identity: JournalIdentity;
  readonly file: string;
  readonly now: number;
}): BackupNote {
  const { journalPath, witnessPath, identity, file, now } = options;
  if (existsSync(file)) throw new BackupError("BACKUP_EXISTS", `${file} is there already.`);
  if (!existsSync(journalPath)) throw new BackupError("BACKUP_NO_JOURNAL", `There is no journal ${journalPath}.`);
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  const journal = Journal.open({ path: journalPath, witnessPath, identity, now });
  try {
    journal.copyTo(unfinished);
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    journal.close();
  }
  takeRights(unfinished);
  const database = new Database(unfinished);
  try {
    const note: BackupNote = { schema: BACKUP_SCHEMA, madeAt: now, ...describeJournal(database, unfinished) };
    assertOwner(note, identity);
    database.pragma("journal_mode = DELETE");
    database.exec(`CREATE TABLE ${NOTE_TABLE} (note TEXT NOT NULL) STRICT`);
    database.prepare(`INSERT INTO ${NOTE_TABLE} VALUES (?)`).run(JSON.stringify(note));
    readNote(database, unfinished);
    database.close();
    flush(unfinished);
    renameSync(unfinished, file);
    flush(dirname(file));
    return note;
  } finally {
    database.close();
    rmSync(unfinished, { force: true });
  }
}

/** What the disk says of a file, as an error of ours. */
export function unreadable(path: string, error: unknown): BackupError {
  const { code } = error as { readonly code?: unknown };
  return new BackupError("BACKUP_UNREADABLE", `${path} cannot be used (${String(code ?? error)}).`);
}
