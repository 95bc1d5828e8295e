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
