import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Cards that another card takes the place of (spec §6.10): what was given to it at once, what was asked
 * back of the old one, and what came.
 */
const statements = [
  `create table replacements (
    card bytea primary key references cards (card),
    successor bytea not null unique references cards (card),
    reason text not null,
    requested_by text not null,
    role text not null,
    station text,
    advance_units bigint not null check (advance_units >= 0),
    advance_funding uuid references fundings (id),
    requests int not null default 0,
    withdrawn_units bigint check (withdrawn_units >= 0),
    rest_funding uuid references fundings (id),
    next_look_at timestamptz not null,
    created_at timestamptz not null,
    done_at timestamptz,
    check (card <> successor))`,
  `create index replacements_open on replacements (next_look_at) where done_at is null`,
];

export const replacements: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
