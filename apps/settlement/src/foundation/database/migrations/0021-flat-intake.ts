import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What an upload looks up of the chain's events and of a card's allowances, and the largest maxSpent
 * that a card's own messages were judged by, so that a card is judged by all of them once and not
 * with every upload.
 */
const statements = [
  `create index chain_events_released on chain_events (card, (detail->>'counter')) where final and kind = 'released'`,
  `create index chain_events_gave_back on chain_events (card) where final and kind in ('released', 'voided')`,
  `create index allowances_by_bound on allowances (card, max_spent_units)`,
  `alter table cards add column judged_units bigint not null default 0`,
];

export const flatIntake: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
