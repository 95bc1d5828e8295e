import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { makePrivate, takeRights } from "@tallystick/program";
import Database from "better-sqlite3";
import { JournalError } from "./events/journal-error.ts";
import { APPLICATION_ID, type Migration } from "./schema/migrations.ts";

/** Opens the file, and makes it and its folder at the first start. Throws JournalError. */
export function openDatabase(path: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // SQLite gives its log the rights of its file.
    makePrivate(path);
    for (const log of [`${path}-wal`, `${path}-shm`]) takeRights(log);
    return new Database(path, { timeout: 0 });
  } catch (error) {
    throw asJournalError(error, path);
  }
}

/**
 * Takes the file for this process alone and checks that it is a sound journal. Throws JournalError.
 */
export function takeForThisProcess(database: Database.Database, path: string): void {
  database.defaultSafeIntegers(true);
  database.pragma("locking_mode = EXCLUSIVE");
  const objects = database.prepare<[], { readonly count: bigint }>("SELECT count(*) AS count FROM sqlite_schema").get();
  if (objects?.count !== 0n) {
    const application = Number(database.pragma("application_id", { simple: true }));
    if (application !== APPLICATION_ID)
      throw new JournalError("JOURNAL_NOT_A_JOURNAL", `${path} is not a journal of this gateway.`);
  }
  database.pragma("journal_mode = WAL");
  // FULL: a commit is on the disk before it returns, so what was answered survives a loss of power.
  database.pragma("synchronous = FULL");
  // The log is copied into the file between two taps (see tidy), not in the middle of one.
  database.pragma("wal_autocheckpoint = 0");
  database.pragma("foreign_keys = ON");
  // Takes the lock now, so that a second gateway fails at its start and not at its first tap.
  database.transaction(() => undefined).exclusive();
  const soundness = database.pragma("quick_check(1)", { simple: true });
  if (soundness !== "ok") throw new JournalError("JOURNAL_CORRUPT", `SQLite reports of ${path}: ${String(soundness)}.`);
}

/** Versions of a journal's schema; 0 is that of an empty file. */
export interface Schemas {
  readonly before: number;
  readonly after: number;
}

/**
 * Brings an older schema up to date after keeping a copy of the file; answers both schemas. Throws
 * JOURNAL_NEWER.
 */
export function migrate(database: Database.Database, path: string, steps: readonly Migration[]): Schemas {
  const before = Number(database.pragma("user_version", { simple: true }));
  const newest = steps.at(-1)?.version ?? 0;
  if (before > newest) {
    throw new JournalError(
      "JOURNAL_NEWER",
      `${path} has schema ${before}; this gateway knows schemas up to ${newest}.`,
    );
  }
  const schemas = { before, after: newest };
  if (before === newest) return schemas;
  if (before > 0 && !existsSync(`${path}.form${before}`)) keepCopy(database, `${path}.form${before}`);
  database
    .transaction(() => {
      for (const step of steps) {
        if (step.version <= before) continue;
        database.exec(step.sql);
        database.pragma(`user_version = ${step.version}`);
      }
      database.pragma(`application_id = ${APPLICATION_ID}`);
    })
    .exclusive();
  return schemas;
}

function keepCopy(database: Database.Database, path: string): void {
  database.prepare("VACUUM INTO ?").run(path);
  takeRights(path);
}

/** The journal's own error for what SQLite throws. */
export function asJournalError(error: unknown, path: string): unknown {
  if (error instanceof JournalError) return error;
  // A native module's errors may come from another realm, so they are known by their shape.
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code !== "string" || typeof message !== "string") return error;
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new JournalError("JOURNAL_IN_USE", `${path} is locked.`);
  }
  if (code.startsWith("SQLITE_CORRUPT"))
    return new JournalError("JOURNAL_CORRUPT", `SQLite reports of ${path}: ${message}.`);
  if (code === "SQLITE_NOTADB") return new JournalError("JOURNAL_NOT_A_JOURNAL", `${path} is not a SQLite file.`);
  return new JournalError("JOURNAL_UNREADABLE", `${path} cannot be opened: ${message}.`);
}
