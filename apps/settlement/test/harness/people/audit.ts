import type { Database } from "../../../src/foundation/database/database.ts";

/** An action as tests read it: who did what to what, with all details, those in words last. */
export type AuditedEntry = readonly [
  action: string,
  who: string | null,
  role: string,
  subject: string,
  details: readonly (readonly string[])[],
  atMs: number,
];

/** An entry of `GET /v1/audit/entries`, or a row of the database. */
export interface KeptEntry {
  readonly entry: string;
  readonly words: string | null;
}

/** Puts an entry and the words beside it together again. */
export function auditedEntry({ entry, words }: KeptEntry): AuditedEntry {
  const [, action, role, subject, shown, atMs] = JSON.parse(entry) as [
    string,
    string,
    string,
    string,
    (readonly string[])[],
    number,
  ];
  const [, who, spoken] = JSON.parse(words ?? '["",null,[]]') as [string, string | null, (readonly string[])[]];
  return [action, who, role, subject, [...shown, ...spoken], atMs];
}

/** What the audit log of a database says that was done, the newest last. */
export async function auditedActions(db: Database): Promise<readonly AuditedEntry[]> {
  const rows = await db
    .selectFrom("audit_entries")
    .innerJoin("audit_words", "audit_words.position", "audit_entries.position")
    .select(["entry", "words"])
    .orderBy("audit_entries.position")
    .execute();
  return rows.map(auditedEntry);
}
