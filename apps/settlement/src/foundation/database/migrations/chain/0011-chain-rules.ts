import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What follows the chain: the messages that used a counter and that no upload had brought, what a
 * card has signed in all, cards that a pending void suspends, and tokens below one unit.
 */
const statements = [
  `create table chain_messages (
    voucher_id bytea primary key check (length(voucher_id) = 32),
    card bytea not null check (length(card) = 20), counter bigint not null,
    payee bytea not null check (length(payee) = 20), amount_units bigint not null check (amount_units > 0),
    used_by text not null check (used_by in ('settled', 'released')),
    message bytea not null check (length(message) = 82),
    signature bytea not null check (length(signature) = 64), parity smallint not null check (parity in (0, 1)),
    transaction_hash bytea not null check (length(transaction_hash) = 32), block_number bigint not null)`,
  `create index chain_messages_by_counter on chain_messages (card, counter)`,
  `create trigger chain_messages_append_only before update or delete on chain_messages
    for each row execute function refuse_change()`,

  `alter table cards add column signed_units bigint not null default 0`,
  `update cards set signed_units = sums.units from (
    select card, sum(amount_units)::bigint as units from (
      select card, counter, max(amount_units) as amount_units from (
        select card, counter, amount_units from vouchers
        union all select card, counter, amount_units from settled_items) as known
      group by card, counter) as each group by card) as sums
    where cards.card = sums.card`,

  `alter table cards add column void_suspended boolean not null default false`,
  `create index chain_events_void_requests on chain_events (card) where kind = 'voidRequested'`,

  // Per own account: what of its tokens is below one unit.
  `create table token_dust (
    account bytea primary key check (length(account) = 20), base_units numeric(40) not null check (base_units >= 0))`,
];

export const chainRules: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
