import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * The accounts that were or are the treasury, the gas wallet that this database sends from, which
 * account takes the place of which, and coin that goes along with a call. The first treasury's
 * tokens count from the first block on; no block has a number below 0.
 */
const statements = [
  `create table treasury_accounts (
    address bytea primary key check (length(address) = 20), opened_block bigint not null)`,
  `insert into treasury_accounts (address, opened_block)
    select treasury, -1 from installation where treasury is not null`,
  `create trigger treasury_accounts_append_only before update or delete on treasury_accounts
    for each row execute function refuse_change()`,
  `alter table installation add column gas bytea check (length(gas) = 20)`,
  `alter table chain_actions add column value_wei numeric(78, 0) not null default 0`,
  `create table key_rotations (
    id bigint generated always as identity primary key,
    purpose text not null check (purpose in ('gas', 'treasury')),
    former bytea not null check (length(former) = 20),
    successor bytea not null check (length(successor) = 20),
    announced_at timestamptz not null, ended_at timestamptz,
    check (former <> successor), unique (purpose, former))`,
  `create unique index key_rotations_open on key_rotations (purpose) where ended_at is null`,
];

export const keyRotations: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
