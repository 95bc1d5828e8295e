import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Who did it and why, beside the entries of the audit log, which hold a salted hash of it. Words may
 * be erased and nothing else: the row stays, empty. The same holds for the names and reasons that
 * stand beside decisions.
 */
const statements = [
  `create table audit_words (
    position bigint primary key references audit_entries (position),
    salt bytea check (length(salt) = 32), words text, names text[] not null, erased_at timestamptz,
    check ((salt is null) = (words is null) and (words is null) = (erased_at is not null)))`,
  `create index audit_words_by_name on audit_words using gin (names)`,
  `create function refuse_change_but_erasure() returns trigger language plpgsql as $$
   declare words text[] := tg_argv[0]::text[];
   begin
     if tg_op = 'UPDATE' and to_jsonb(new) - words = to_jsonb(old) - words and new.erased_at is not null then
       return new;
     end if;
     raise exception 'rows of % are evidence; only their words can be erased', tg_table_name using errcode = 'TS001';
   end $$`,
  `create trigger audit_words_stay before update on audit_words
    for each row execute function refuse_change_but_erasure('{salt,words,names,erased_at}')`,
  `create trigger audit_words_whole before delete or truncate on audit_words
    for each statement execute function refuse_change()`,
  ...["withheld_decisions", "certificate_withdrawals"].flatMap((table) => [
    `alter table ${table} add column erased_at timestamptz`,
    `drop trigger ${table}_append_only on ${table}`,
    `create trigger ${table}_append_only before update on ${table}
      for each row execute function refuse_change_but_erasure('{who,reason,erased_at}')`,
    `create trigger ${table}_whole before delete or truncate on ${table}
      for each statement execute function refuse_change()`,
  ]),
];

export const auditWords: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
