import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Allowances on their way to cards (spec §6.10, §6.13): why each was issued and how much the vault
 * held for the card then, and for each card the newest one until the card shows it. Positions grow
 * in the order in which transactions end, because whoever takes one holds a lock until then.
 */
const statements = [
  `alter table allowances add column ground text, add column bound_units bigint`,
  `alter table cards add column card_tag bytea check (length(card_tag) = 8), add column renew_after timestamptz`,
  `create index cards_by_tag on cards (card_tag)`,
  `create sequence mailbox_positions`,
  `create table mailbox_entries (
    card bytea primary key references cards (card),
    card_tag bytea not null check (length(card_tag) = 8),
    seq bigint not null,
    body bytea not null check (length(body) = 62),
    signature bytea not null check (length(signature) = 64),
    position bigint not null unique default nextval('mailbox_positions'))`,
];

export const mailbox: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
