import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Refunds and the vouchers they belong to; evidence, so rows are only added. Needs `refuse_change`
 * of the first layout.
 */
const statements = [
  `create table refunds (
    place text primary key,
    payee bytea not null check (length(payee) = 20), card bytea not null check (length(card) = 20),
    units bigint not null check (units > 0),
    from_earnings bigint not null check (from_earnings between 0 and units),
    named_voucher bytea check (length(named_voucher) = 32),
    transaction_hash bytea not null check (length(transaction_hash) = 32),
    block_number bigint not null)`,
  `create index refunds_by_block on refunds (block_number)`,

  `create table refund_shares (
    place text not null references refunds (place), voucher_id bytea not null references settled_items (voucher_id),
    units bigint not null check (units > 0),
    primary key (place, voucher_id))`,
  `create index refund_shares_by_voucher on refund_shares (voucher_id)`,
  `create index settled_items_by_payee on settled_items (card, payee)`,
  // Who used a counter without being paid.
  `create index chain_events_counters on chain_events (card, kind) where final and kind in ('released', 'voided')`,

  `create index chain_events_given_back on chain_events (block_number, log_index)
    where kind in ('refunded', 'released', 'voided')`,

  // Earlier refunds are kept without shares: no record shows which voucher they belonged to.
  `insert into refunds (place, payee, card, units, from_earnings, named_voucher, transaction_hash, block_number)
   select '0x' || encode(transaction_hash, 'hex') || ':' || log_index, payee, card, units,
     (detail->>'fromEarnings')::bigint, null, transaction_hash, block_number
   from chain_events where final and kind = 'refunded'`,

  ...["refunds", "refund_shares"].map(
    (table) =>
      `create trigger ${table}_append_only before update or delete on ${table} for each row execute function refuse_change()`,
  ),
];

export const refunds: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
