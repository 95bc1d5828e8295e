import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * The vault's state at a final block, card by card, as packages/vault saves it: what batches are
 * simulated on. It is derived from chain_events and settled_items, so it starts empty and is made
 * of them at the first use.
 */
const statements = [
  `create table vault_cards (card bytea primary key check (length(card) = 20), saved jsonb not null)`,
  `create table vault_merchants (merchant bytea primary key check (length(merchant) = 20), saved jsonb not null)`,
  `create table vault_state_cursor (
    singleton boolean primary key default true check (singleton),
    block_number bigint not null)`,
  `insert into vault_state_cursor (block_number) values (-1)`,
  `create index settled_items_by_block on settled_items (block_number)`,
  `create index chain_events_final on chain_events (block_number) where final`,

  // Why a skipped voucher waits, and whether the next batch takes it whatever the simulation shows.
  `alter table vouchers add column waits_for text`,
  `alter table vouchers add column insisted boolean not null default false`,
  `alter table batches add column gas_estimate bigint check (gas_estimate > 0)`,
];

export const vaultState: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
