import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What is wrong with the chain now, by its code; whether the events of an own transaction were found
 * among those recorded; and when an action that was refused is tried again.
 */
const statements = [
  `create table chain_faults (
    code text primary key,
    detail text not null,
    since timestamptz not null,
    seen_at timestamptz not null,
    times bigint not null default 1)`,
  `alter table chain_actions
    add column events_checked boolean not null default false,
    add column refusals integer not null default 0,
    add column retry_at timestamptz,
    add column abandoned_at timestamptz`,
  `create index chain_actions_by_retry on chain_actions (retry_at) where retry_at is not null`,
  `create index chain_actions_unchecked on chain_actions (mined_block) where state = 'final' and not events_checked`,
];

export const chainFaults: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
