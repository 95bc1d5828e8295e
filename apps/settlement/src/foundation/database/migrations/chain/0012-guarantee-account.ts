import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * The accounts that compensations are paid from, whose bytes belong to which account (two accounts
 * use the same nonces), and since when the issuer owes a voucher.
 */
const statements = [
  `create table guarantee_accounts (
    address bytea primary key check (length(address) = 20), opened_block bigint not null)`,
  `create trigger guarantee_accounts_append_only before update or delete on guarantee_accounts
    for each row execute function refuse_change()`,
  `alter table chain_transactions add column account bytea check (length(account) = 20)`,
  `update chain_transactions set account = chain_actions.account
    from chain_actions where chain_actions.id = chain_transactions.action_id`,
  `alter table chain_transactions alter column account set not null`,
  `alter table vouchers add column owed_since timestamptz`,
  `create index vouchers_owed on vouchers (owed_since) where owed_since is not null`,
];

export const guaranteeAccount: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
