import { readFileSync } from "node:fs";
import { fromHex, toHex } from "@tallystick/protocol";
import { replaceFile } from "../config/replace-file.ts";
import type { LogHead, EventLog } from "./events/event-log.ts";
import { JournalError } from "./events/journal-error.ts";

/** What stands beside the journal: which journal it is, and how far it had come. */
interface Witness {
  readonly journal: string;
  readonly seq: number;
  readonly link: string;
}

/** What the witness says; null where there is none. Throws JOURNAL_RESTORED where nobody can read it. */
export function readWitness(path: string): Witness | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  try {
    const witness = JSON.parse(text) as Partial<Witness>;
    if (typeof witness.journal === "string" && Number.isSafeInteger(witness.seq) && typeof witness.link === "string") {
      fromHex(witness.link, 32);
      return { journal: witness.journal, seq: Number(witness.seq), link: witness.link };
    }
  } catch {
    // One that cannot be read is treated below like that of another journal.
  }
  throw new JournalError("JOURNAL_RESTORED", `The journal's witness ${path} cannot be read.`);
}

/**
 * Throws JOURNAL_RESTORED when the journal ends before the event that its witness saw, or has
 * another history. The witness is written after the journal is durable, so it never runs ahead by
 * itself.
 */
export function assertNotRestored(path: string, journalId: string, events: EventLog): void {
  const witness = readWitness(path);
  if (witness === null) return;
  if (witness.journal !== journalId) {
    throw new JournalError("JOURNAL_RESTORED", `The witness ${path} is of another journal than this one.`);
  }
  const link = events.linkAt(witness.seq);
  if (link === null) {
    throw new JournalError(
      "JOURNAL_RESTORED",
      `The journal ends at event ${events.head().seq}, but it had already come to event ${witness.seq}.`,
    );
  }
  if (toHex(link) !== witness.link) {
    throw new JournalError(
      "JOURNAL_RESTORED",
      `Event ${witness.seq} of the journal is not the one that its witness saw.`,
    );
  }
}

/** Records how far the journal has come; durable when it returns. */
export function writeWitness(path: string, journalId: string, head: LogHead): void {
  const witness: Witness = { journal: journalId, seq: head.seq, link: toHex(head.link) };
  replaceFile(path, `${JSON.stringify(witness)}\n`, 0o600);
}
