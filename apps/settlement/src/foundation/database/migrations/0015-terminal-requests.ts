import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What terminals ask (spec §6.13): nonces until they are too old to be sent again, and what was
 * ordered from the vault. An order is kept; its action says how far it is.
 */
const statements = [
  `create table request_nonces (
    payee bytea not null check (length(payee) = 20),
    terminal_id bytea not null check (length(terminal_id) = 8),
    nonce bytea not null check (length(nonce) = 16),
    expires_at bigint not null,
    accepted_at timestamptz not null,
    primary key (payee, terminal_id, nonce))`,
  `create index request_nonces_by_expiry on request_nonces (expires_at)`,
  `create index request_nonces_by_terminal on request_nonces (payee, terminal_id, accepted_at)`,
  `create table return_orders (
    order_hash bytea primary key check (length(order_hash) = 32),
    kind text not null check (kind in ('refund', 'release')),
    payee bytea not null check (length(payee) = 20),
    terminal_id bytea not null check (length(terminal_id) = 8),
    voucher_id bytea not null check (length(voucher_id) = 32),
    total_units bigint not null check (total_units > 0),
    action_id uuid not null references chain_actions (id),
    attempts integer not null default 1,
    ordered_at timestamptz not null)`,
  `create index return_orders_by_voucher on return_orders (voucher_id)`,
  `create index return_orders_by_payee on return_orders (payee, ordered_at)`,
];

export const terminalRequests: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
