import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { takeRights } from "@tallystick/program";
import Database from "better-sqlite3";
import { JournalError } from "../events/journal-error.ts";
import type { JournalIdentity } from "../identity.ts";
import { asJournalError } from "../open-database.ts";
import { readWitness } from "../witness.ts";
import { BackupError } from "./backup-error.ts";
import { assertOwner, type BackupNote, describeJournal, linkAt, NOTE_TABLE, readNote } from "./backup-note.ts";
import { flush, unreadable } from "./make-backup.ts";

/** What came of putting a backup back. */
export interface Restored {
  readonly note: BackupNote;
  /** Where the file that was in its place went; null where there was none. */
  readonly movedTo: string | null;
  /**
   * Events that the witness saw and the backup does not hold; null where no witness tells. What
   * happened in them is missing from this terminal, and it sells nothing before a person has accepted
   * that.
   */
  readonly missing: number | null;
}

/** How far a journal has come that lies where the backup shall go; null where nobody can read it. */
function present(path: string): { readonly database: Database.Database } | null {
  if (!existsSync(path)) return null;
  const database = new Database(path, { fileMustExist: true, timeout: 0 });
  try {
    // Taken for the moment: no gateway runs on it, and none starts meanwhile.
    database.pragma("locking_mode = EXCLUSIVE");
    database.transaction(() => undefined).exclusive();
    describeJournal(database, path);
    return { database };
  } catch (error) {
    database.close();
    const told = asJournalError(error, path);
    if (told instanceof JournalError && told.code === "JOURNAL_IN_USE") throw told;
    // Damaged, or none at all: it is moved aside and nothing of it is lost.
    return null;
  }
}

/** Throws BACKUP_OLDER where the journal that is there holds anything that the backup does not. */
function assertNewer(path: string, backup: Database.Database, note: BackupNote): void {
  const held = present(path);
  if (held === null) return;
  try {
    const { journal, events, head } = describeJournal(held.database, path);
    const holds = journal === note.journal && linkAt(backup, events) === head;
    if (holds || events === 0) return;
    throw new BackupError(
      "BACKUP_OLDER",
      journal === note.journal
        ? `${path} has come to event ${events}, and the backup ends at event ${note.events}.`
        : `${path} is another journal with ${events} events, none of which is in the backup.`,
    );
  } finally {
    held.database.close();
  }
}

/** Moves the file away under a name that is free, and its log with it. */
function moveAside(path: string): string | null {
  if (!existsSync(path)) return null;
  let to = `${path}.before-restore`;
  for (let count = 2; existsSync(to); count += 1) to = `${path}.before-restore-${count}`;
  for (const log of ["-wal", "-shm"]) if (existsSync(path + log)) renameSync(path + log, to + log);
  renameSync(path, to);
  return to;
}

function missingOf(witnessPath: string, note: BackupNote): number | null {
  try {
    const witness = readWitness(witnessPath);
    return witness?.journal === note.journal ? Math.max(0, witness.seq - note.events) : null;
  } catch {
    // One that nobody can read tells at the next start that something is wrong.
    return null;
  }
}

/**
 * Puts a backup in the journal's place, whole or not at all. Refuses while a gateway runs on the journal, and
 * where the journal that is there has come further. Throws BackupError and JournalError.
 */
export function restoreBackup(options: {
  readonly journalPath: string;
  readonly witnessPath: string;
  readonly identity: JournalIdentity;
  readonly file: string;
}): Restored {
  const { journalPath, witnessPath, identity, file } = options;
  if (!existsSync(file)) throw new BackupError("BACKUP_UNREADABLE", `${file} is not there.`);
  const unfinished = `${journalPath}.restoring`;
  try {
    mkdirSync(dirname(journalPath), { recursive: true });
    copyFileSync(file, unfinished);
    takeRights(unfinished);
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    const note = checkCopy({ unfinished, file, journalPath, identity });
    const missing = missingOf(witnessPath, note);
    flush(unfinished);
    const movedTo = moveAside(journalPath);
    renameSync(unfinished, journalPath);
    flush(dirname(journalPath));
    return { note, movedTo, missing };
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Looks at the copy before anything takes its place, and makes a journal of it. */
function checkCopy(options: {
  readonly unfinished: string;
  readonly file: string;
  readonly journalPath: string;
  readonly identity: JournalIdentity;
}): BackupNote {
  const { unfinished, file, journalPath, identity } = options;
  const database = new Database(unfinished, { fileMustExist: true });
  try {
    const note = readNote(database, file);
    assertOwner(note, identity);
    assertNewer(journalPath, database, note);
    database.exec(`DROP TABLE ${NOTE_TABLE}`);
    return note;
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const told = asJournalError(error, file);
    if (told instanceof JournalError && told.code === "JOURNAL_NOT_A_JOURNAL")
      throw new BackupError("BACKUP_NOT_A_BACKUP", `${file} is no backup of a terminal.`);
    throw told;
  } finally {
    database.close();
  }
}
