import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What persons decide, and what shows when a voucher arrived (spec §6.2, §6.11, §6.12). Evidence, so
 * rows are only added. Needs `refuse_change` of the first layout.
 */
const statements = [
  `create table certificate_withdrawals (
    id bigint generated always as identity primary key,
    payee bytea not null check (length(payee) = 20),
    terminal_id bytea not null check (length(terminal_id) = 8),
    withdrawn_from bigint not null check (withdrawn_from between 0 and 4294967295),
    reason text not null, who text not null, recorded_at timestamptz not null)`,
  `create index certificate_withdrawals_by_terminal on certificate_withdrawals (payee, terminal_id)`,

  // Reversals that came after the withdrawal of their certificate, and the payees' words for them.
  `create table late_reversals (
    id bytea primary key check (length(id) = 32),
    card_key bytea not null, request bytea not null check (length(request) = 67),
    payee bytea not null, terminal_id bytea not null,
    signature bytea not null, upload bytea not null references uploads (hash),
    received_at timestamptz not null)`,
  `create index late_reversals_by_request on late_reversals (request, card_key)`,
  `create table reversal_confirmations (
    reversal bytea primary key references late_reversals (id),
    signature bytea not null check (length(signature) = 65), confirmed_at timestamptz not null)`,

  // Earlier arrivals than that of the upload that a voucher was stored with.
  `create table arrival_receipts (
    voucher_id bytea not null, upload bytea not null references uploads (hash),
    received_at bigint not null, primary key (voucher_id, upload))`,
  `create table arrival_payloads (
    voucher_id bytea primary key check (length(voucher_id) = 32), block_number bigint not null)`,

  `alter table vouchers add column withheld_at timestamptz`,
  `create index vouchers_withheld on vouchers (received_at) where state = 'withheld'`,
  `create table withheld_decisions (
    id bigint generated always as identity primary key,
    voucher_id bytea not null references vouchers (id),
    kind text not null check (kind in ('payment', 'refusal-proposed', 'refusal')),
    way text check (way in ('compensation', 'deposit', 'vault')), action_id uuid references chain_actions (id),
    ground text not null, who text not null, reason text not null,
    statement bytea check (length(statement) = 65), decided_at timestamptz not null)`,
  `create index withheld_decisions_by_voucher on withheld_decisions (voucher_id)`,

  `create table audit_entries (
    position bigint primary key check (position >= 0), entry text not null, recorded_at timestamptz not null)`,
  `create table audit_nodes (
    tile_level smallint not null check (tile_level >= 0), position bigint not null check (position >= 0),
    hash bytea not null check (length(hash) = 32), primary key (tile_level, position))`,
  `create table audit_heads (size bigint primary key check (size > 0), root bytea not null check (length(root) = 32))`,

  ...[
    ...["certificate_withdrawals", "late_reversals", "reversal_confirmations", "arrival_receipts"],
    ...["arrival_payloads", "withheld_decisions", "audit_entries", "audit_nodes", "audit_heads"],
  ].map(
    (table) => `create trigger ${table}_append_only before update or delete or truncate on ${table}
      for each statement execute function refuse_change()`,
  ),
];

export const persons: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
