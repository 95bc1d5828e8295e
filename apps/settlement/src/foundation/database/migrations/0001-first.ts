import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * The first layout. Every table is owned by one feature folder; evidence (uploads, vouchers, forks,
 * allowances, signed transactions) is only ever added to. States are guarded by the applications'
 * state tables and by these checks.
 */
const statements = [
  `create table installation (
    singleton boolean primary key default true check (singleton),
    chain_id bigint not null, vault bytea not null, token bytea not null,
    restore_generation int not null default 0)`,

  `create table cards (
    card bytea primary key check (length(card) = 20),
    card_key bytea not null unique check (length(card_key) = 33),
    card_index int not null unique check (card_index >= 0),
    owner bytea not null check (length(owner) = 20),
    opening_signature bytea not null check (length(opening_signature) = 64),
    reference text not null,
    status smallint not null default 0 check (status between 0 and 3),
    rule_suspended boolean not null default false,
    flagged boolean not null default false,
    withdrawal_seen boolean not null default false,
    opened_block bigint,
    highest_counter bigint not null default 0,
    shown_seq bigint not null default 0,
    shown_terminated boolean not null default false,
    deposits_units bigint not null default 0,
    renewal_due boolean not null default false,
    registered_at timestamptz not null)`,

  `create table terminals (
    payee bytea not null check (length(payee) = 20),
    terminal_id bytea not null check (length(terminal_id) = 8),
    certificate bytea not null check (length(certificate) = 119),
    signature bytea,
    issued_at timestamptz not null,
    primary key (payee, terminal_id, certificate))`,

  `create table uploads (
    hash bytea primary key check (length(hash) = 32),
    payee bytea not null, terminal_id bytea not null,
    seq bigint not null, previous_head bytea not null,
    upload bytea not null, signature bytea not null,
    certificate bytea not null, certificate_signature bytea not null,
    body bytea not null, received_at timestamptz not null)`,
  `create index uploads_by_terminal on uploads (payee, terminal_id, seq)`,

  `create table anomalies (
    id bigint generated always as identity primary key,
    kind text not null, payee bytea, terminal_id bytea, upload bytea, card bytea,
    detail text not null, found_at timestamptz not null,
    unique nulls not distinct (kind, upload, card, detail))`,

  `create table vouchers (
    id bytea primary key check (length(id) = 32),
    card bytea not null, counter bigint not null check (counter between 1 and 4294967295),
    payee bytea not null, amount_units bigint not null check (amount_units > 0),
    message bytea not null check (length(message) = 82),
    context bytea not null check (length(context) = 77),
    signature bytea not null check (length(signature) = 64), parity smallint not null check (parity in (0, 1)),
    allowance_body bytea not null, allowance_signature bytea not null,
    terminal_id bytea not null, paid_at bigint not null,
    card_key bytea not null, request bytea not null check (length(request) = 67),
    spent_units bigint not null, allowance_seq bigint not null, link bytea not null,
    upload bytea not null references uploads (hash),
    received_at timestamptz not null,
    state text not null,
    promised boolean not null, dispute text,
    attempts int not null default 0,
    batch_id uuid, batch_position int)`,
  `create index vouchers_by_counter on vouchers (card, counter)`,
  `create index vouchers_waiting on vouchers (received_at) where state = 'received'`,
  `create index vouchers_by_batch on vouchers (batch_id, batch_position)`,
  `create index vouchers_by_state on vouchers (state) where state not in ('final', 'compensated')`,
  `create index vouchers_by_request on vouchers (request)`,

  // Who took a counter first. A second message with the same counter is a fork; the primary key
  // makes two concurrent uploads see each other.
  `create table counter_claims (
    card bytea not null, counter bigint not null, voucher_id bytea not null,
    primary key (card, counter))`,

  `create table refused_entries (
    upload bytea not null references uploads (hash), position int not null,
    voucher_id bytea, code text not null,
    primary key (upload, position))`,
  `create index refused_by_voucher on refused_entries (voucher_id)`,

  `create table cancellations (
    card_key bytea not null, request bytea not null check (length(request) = 67),
    payee bytea not null, terminal_id bytea not null,
    signature bytea not null, upload bytea not null references uploads (hash),
    received_at timestamptz not null, primary key (request, card_key))`,

  `create table state_proofs (
    card bytea not null, proof bytea not null, signature bytea not null,
    counter bigint not null, spent_units bigint not null, seq bigint not null, card_state smallint not null,
    upload bytea not null references uploads (hash), received_at timestamptz not null,
    primary key (card, proof))`,

  `create table forks (
    card bytea not null, counter bigint not null, found_at timestamptz not null,
    primary key (card, counter))`,

  `create table allowances (
    card bytea not null references cards (card), seq bigint not null check (seq between 1 and 4294967295),
    body bytea not null check (length(body) = 62), signature bytea,
    max_spent_units bigint not null, max_counter bigint not null,
    stored_at timestamptz not null, primary key (card, seq))`,

  `create table status_lists (
    seq bigint primary key, head bytea not null, signature bytea, list bytea not null,
    issued_at timestamptz not null, as_of bigint not null)`,

  `create table fundings (
    id uuid primary key, card bytea not null references cards (card),
    amount_units bigint not null check (amount_units > 0),
    key text not null, action_id uuid not null, created_at timestamptz not null,
    unique (card, key))`,

  `create table payouts (
    id uuid primary key, payee bytea not null, action_id uuid not null, created_at timestamptz not null)`,
  `create index payouts_by_payee on payouts (payee)`,

  `create table compensations (
    voucher_id bytea primary key references vouchers (id), payee bytea not null,
    amount_units bigint not null, action_id uuid not null, created_at timestamptz not null)`,

  `create table batches (
    id uuid primary key, state text not null, action_id uuid not null,
    payload bytea not null, payload_hash bytea not null,
    batch_root bytea not null, ledger_root bytea not null, voucher_count int not null,
    result bytea, paid int, skipped int, transaction_hash bytea, block_number bigint,
    created_at timestamptz not null)`,
  // Not unique: vouchers that were skipped may come together again in the very same payload.
  `create index batches_by_payload on batches (payload_hash) where state = 'open'`,
  `create index batches_open on batches (created_at) where state not in ('final', 'failed')`,

  `create table chain_accounts (
    address bytea primary key check (length(address) = 20), next_nonce bigint not null check (next_nonce >= 0))`,

  `create table chain_actions (
    id uuid primary key, key text not null unique, kind text not null,
    account bytea not null check (length(account) = 20),
    target bytea not null, data bytea not null,
    after_actions uuid[] not null default '{}',
    state text not null, nonce bigint, gas bigint, failure text,
    mined_hash bytea, mined_block bigint, mined_block_hash bytea,
    created_at timestamptz not null, changed_at timestamptz not null,
    unique (account, nonce))`,
  `create index chain_actions_open on chain_actions (created_at) where state not in ('final', 'failed', 'refused')`,

  `create table chain_transactions (
    hash bytea primary key check (length(hash) = 32),
    action_id uuid not null references chain_actions (id),
    attempt int not null, nonce bigint not null, raw bytea not null, gas bigint not null,
    max_fee numeric(40) not null, priority_fee numeric(40) not null,
    stored_at timestamptz not null, sent_at timestamptz, unique (action_id, attempt))`,

  // Every item the vault paid in a final block, whoever submitted it.
  `create table settled_items (
    voucher_id bytea primary key, card bytea not null, counter bigint not null,
    payee bytea not null, amount_units bigint not null,
    transaction_hash bytea not null, block_number bigint not null, unique (card, counter))`,

  `create table chain_cursor (
    singleton boolean primary key default true check (singleton),
    block_number bigint not null, block_hash bytea not null, block_time bigint not null)`,

  `create table chain_events (
    block_number bigint not null, log_index int not null, block_hash bytea not null,
    transaction_hash bytea not null, final boolean not null,
    kind text not null, card bytea, payee bytea, units bigint, detail jsonb not null,
    primary key (block_number, log_index, block_hash))`,
  `create index chain_events_by_card on chain_events (card)`,
  `create index chain_events_latest on chain_events (block_number) where not final`,

  `create table outbox (
    id bigint generated always as identity primary key,
    topic text not null, subject text not null, created_at timestamptz not null)`,
];

/** Tables whose rows may only be added: evidence is never edited or removed. */
const appendOnly = [
  "uploads",
  "refused_entries",
  "cancellations",
  "state_proofs",
  "counter_claims",
  "forks",
  "settled_items",
  "anomalies",
];

export const first: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
    await sql
      .raw(
        `create function refuse_change() returns trigger language plpgsql as $$
         begin raise exception 'rows of % are evidence and cannot be changed', tg_table_name using errcode = 'TS001'; end $$`,
      )
      .execute(db);
    for (const table of appendOnly) {
      await sql
        .raw(
          `create trigger ${table}_append_only before update or delete on ${table} for each row execute function refuse_change()`,
        )
        .execute(db);
    }
  },
};
