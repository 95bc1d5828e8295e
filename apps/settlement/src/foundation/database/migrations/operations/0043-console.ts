import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What the console looks things up by, names of merchants and terminals, and closed periods of the books. */
const statements = [
  `create index vouchers_by_arrival on vouchers (received_at)`,
  `create index vouchers_by_terminal on vouchers (payee, terminal_id, received_at)`,
  `create index settled_items_by_transaction on settled_items (transaction_hash)`,
  `create index chain_events_by_transaction on chain_events (transaction_hash)`,
  `create index batches_by_transaction on batches (transaction_hash)`,
  `create index batches_by_age on batches (created_at)`,
  `create index batches_by_action on batches (action_id)`,
  `create index chain_actions_ended_badly on chain_actions (changed_at) where state in ('failed', 'refused')`,
  `create index terminals_by_id on terminals (terminal_id)`,
  `create index cards_by_reference_prefix on cards (reference text_pattern_ops)`,
  `create index fundings_by_key on fundings (key text_pattern_ops)`,
  `create index fundings_by_action on fundings (action_id)`,
  `create index payouts_by_action on payouts (action_id)`,
  `create index compensations_by_action on compensations (action_id)`,
  `create index uploads_by_arrival on uploads (received_at)`,

  `create table merchant_names (
    payee bytea primary key check (length(payee) = 20),
    name text not null, contact text not null, changed_at timestamptz not null)`,
  `create index merchant_names_by_word on merchant_names using gin (to_tsvector('simple', name))`,
  `create table terminal_names (
    payee bytea not null check (length(payee) = 20), terminal_id bytea not null check (length(terminal_id) = 8),
    name text not null, changed_at timestamptz not null, primary key (payee, terminal_id))`,
  `create index terminal_names_by_word on terminal_names using gin (to_tsvector('simple', name))`,

  `create table book_periods (
    id bigint generated always as identity primary key,
    statement text not null, signature bytea not null, issuer_key_id int not null,
    log_size bigint not null unique, closed_at timestamptz not null)`,
  `create trigger book_periods_append_only before update or delete or truncate on book_periods
    for each statement execute function refuse_change()`,
];

export const consoleIndexes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
