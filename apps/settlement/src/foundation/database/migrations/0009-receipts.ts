import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Receipts of uploads (spec §6.8): the first time of each upload's bytes, kept as it was signed.
 */
const statements = [
  `create table receipts (
    upload bytea primary key check (length(upload) = 32),
    payee bytea not null check (length(payee) = 20),
    terminal_id bytea not null check (length(terminal_id) = 8),
    given_at timestamptz not null,
    received_at bigint not null,
    receipt bytea not null check (length(receipt) = 101),
    signature bytea not null check (length(signature) = 64))`,
  `create index receipts_by_terminal on receipts (payee, terminal_id, given_at)`,
  `create trigger receipts_append_only before update or delete on receipts
    for each row execute function refuse_change()`,
];

export const receipts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
