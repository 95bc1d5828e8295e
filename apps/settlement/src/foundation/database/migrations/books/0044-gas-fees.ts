import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What transactions cost in the chain's own unit: one row for each that stands in a final block,
 * whether it did something or was undone, and how its cost is divided among the vouchers or the
 * payee that it was for. An account's opening is what it had when its costs were first booked.
 */
const statements = [
  `create table gas_accounts (
    account bytea primary key check (length(account) = 20),
    opened_block bigint not null, opened_nonce bigint not null,
    opened_wei numeric(78, 0) not null check (opened_wei >= 0))`,
  `create table chain_fees (
    transaction_hash bytea primary key check (length(transaction_hash) = 32),
    action_id uuid not null references chain_actions (id),
    kind text not null, account bytea not null check (length(account) = 20), nonce bigint not null, succeeded boolean not null,
    block_number bigint not null, mined_at timestamptz not null,
    gas_used bigint not null check (gas_used > 0),
    gas_price_wei numeric(78, 0) not null check (gas_price_wei >= 0),
    other_wei numeric(78, 0) not null check (other_wei >= 0),
    fee_wei numeric(78, 0) not null check (fee_wei = gas_used * gas_price_wei + other_wei),
    booked_at timestamptz not null, unique (account, nonce))`,
  `create index chain_fees_by_time on chain_fees (mined_at, transaction_hash)`,
  `create table fee_shares (
    transaction_hash bytea not null references chain_fees (transaction_hash), place int not null check (place >= 0),
    voucher_id bytea, payee bytea, wei numeric(78, 0) not null check (wei >= 0),
    primary key (transaction_hash, place), check (voucher_id is not null or payee is not null))`,
  `create index fee_shares_by_voucher on fee_shares (voucher_id) where voucher_id is not null`,
  // Of several attempts with one nonce one stands in a block: with it, all of them are looked after.
  `alter table chain_transactions add column fee_booked boolean not null default false`,
  `create index chain_transactions_unbooked on chain_transactions (account, nonce) where not fee_booked`,
  ...["chain_fees", "fee_shares", "gas_accounts"].map(
    (table) => `create trigger ${table}_append_only before update or delete or truncate on ${table}
      for each statement execute function refuse_change()`,
  ),
];

export const gasFees: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
