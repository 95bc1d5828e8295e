import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Uploads that a terminal set aside, as a later one told of them (spec §6.8): links of its chain
 * whose bodies never arrived.
 */
const statements = [
  `create table set_aside_uploads (
    hash bytea primary key check (length(hash) = 32),
    payee bytea not null check (length(payee) = 20),
    terminal_id bytea not null check (length(terminal_id) = 8),
    seq bigint not null check (seq > 0),
    upload bytea not null check (length(upload) = 128),
    signature bytea not null check (length(signature) = 64),
    told_by bytea not null references uploads (hash),
    told_at timestamptz not null)`,
  `create index set_aside_by_terminal on set_aside_uploads (payee, terminal_id, seq)`,
  `create trigger set_aside_append_only before update or delete on set_aside_uploads
    for each row execute function refuse_change()`,
];

export const setAsideUploads: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
