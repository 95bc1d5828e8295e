import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { fromHex, toHex } from "@tallystick/protocol";
import type { LogHead, EventLog } from "./events/event-log.ts";
import { JournalError } from "./events/journal-error.ts";

/** The note beside the journal: which journal, and how far it had come. */
interface WitnessNote {
  readonly journal: string;
  readonly seq: number;
  readonly link: string;
}

function readNote(path: string): WitnessNote | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  try {
    const note = JSON.parse(text) as Partial<WitnessNote>;
    if (typeof note.journal === "string" && Number.isSafeInteger(note.seq) && typeof note.link === "string") {
      fromHex(note.link, 32);
      return { journal: note.journal, seq: Number(note.seq), link: note.link };
    }
  } catch {
    // A note that cannot be read is treated below like one of another journal.
  }
  throw new JournalError("JOURNAL_RESTORED", `The journal's witness ${path} cannot be read.`);
}

/**
 * Throws JOURNAL_RESTORED when the journal stands before the place that its witness saw, or has another history. The
 * witness is written after the journal is durable, so it never runs ahead by itself.
 */
export function assertNotRestored(path: string, journalId: string, chain: EventLog): void {
  const note = readNote(path);
  if (note === null) return;
  if (note.journal !== journalId) {
    throw new JournalError("JOURNAL_RESTORED", `The witness ${path} is of another journal than this one.`);
  }
  const link = chain.linkAt(note.seq);
  if (link === null) {
    throw new JournalError(
      "JOURNAL_RESTORED",
      `The journal ends at event ${chain.head().seq}, but it had already come to event ${note.seq}.`,
    );
  }
  if (toHex(link) !== note.link) {
    throw new JournalError("JOURNAL_RESTORED", `Event ${note.seq} of the journal is not the one that its witness saw.`);
  }
}

/** Notes how far the journal has come; durable when it returns. */
export function writeWitness(path: string, journalId: string, head: LogHead): void {
  const note: WitnessNote = { journal: journalId, seq: head.seq, link: toHex(head.link) };
  const making = `${path}.new`;
  const file = openSync(making, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(note)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(making, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
