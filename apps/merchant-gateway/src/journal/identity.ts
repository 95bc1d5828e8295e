import { randomUUID } from "node:crypto";
import { JournalError } from "./events/journal-error.ts";
import type { Statements } from "./events/statements.ts";

/** Whose journal it is. A journal never changes its terminal: upload numbers and the open intents are bound to it. */
export interface JournalIdentity {
  readonly payee: Uint8Array;
  readonly terminalId: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly terminalKey: Uint8Array;
}

interface IdentityRow {
  readonly journal_id: string;
  readonly payee: Uint8Array;
  readonly terminal_id: Uint8Array;
  readonly terminal_key: Uint8Array;
}

/** Writes whose journal this is at the first start, and answers its id; throws JOURNAL_OTHER_TERMINAL later when it is another's. */
export function identify(
  statements: Statements,
  { path, identity, now }: { readonly path: string; readonly identity: JournalIdentity; readonly now: number },
): string {
  const { payee, terminalId, terminalKey } = identity;
  const row = statements.one<IdentityRow>("SELECT journal_id, payee, terminal_id, terminal_key FROM identity");
  if (row === undefined) {
    const id = randomUUID();
    statements.run("INSERT INTO identity VALUES (1, ?, ?, ?, ?, ?)", id, payee, terminalId, terminalKey, now);
    return id;
  }
  const same =
    Buffer.compare(row.payee, payee) === 0 &&
    Buffer.compare(row.terminal_id, terminalId) === 0 &&
    Buffer.compare(row.terminal_key, terminalKey) === 0;
  if (!same) throw new JournalError("JOURNAL_OTHER_TERMINAL", `${path} is not this terminal's journal.`);
  return row.journal_id;
}
