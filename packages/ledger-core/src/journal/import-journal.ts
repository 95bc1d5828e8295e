import type { LedgerEngine } from "../engine/engine.ts";
import { LedgerError } from "../model/errors.ts";
import type { JournalRecord } from "../model/journal-record.ts";

/**
 * Applies a history to an engine; giving it again changes nothing. Throws JOURNAL_REFUSED at the
 * first step that the engine does not take, because a history that was accepted once is accepted
 * everywhere.
 */
export async function importJournal(
  engine: LedgerEngine,
  records: AsyncIterable<JournalRecord> | Iterable<JournalRecord>,
): Promise<void> {
  for await (const record of records) {
    const outcome =
      record.kind === "account" ? await engine.openAccounts([record.account]) : await engine.apply(record.group);
    if (!outcome.ok) throw new LedgerError("JOURNAL_REFUSED", `The journal does not apply here. ${outcome.message}`);
  }
}
