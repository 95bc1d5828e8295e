import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What becomes of a replacement's deposits that another person refuses, or that cannot be made (spec §6.10): an advance is
 * dropped, a rest is held until a person asks for it again.
 */
const statements = [
  `alter table replacements add column advance_dropped text
    check (advance_dropped in ('REFUSED', 'ENDED', 'ABANDONED', 'SUCCESSOR', 'LATE')),
    add column rest_requests int not null default 1 check (rest_requests > 0), add column rest_card bytea,
    add column rest_held text, add column rest_held_at timestamptz,
    add column rest_asked_by text, add column rest_role text, add column rest_station text, add column rest_reason text,
    add check ((rest_held is null) = (rest_held_at is null)),
    add check ((rest_asked_by is null) = (rest_role is null) and (rest_asked_by is null) = (rest_reason is null))`,
  // The cases that a held rest opens are looked for every few seconds.
  `create index replacements_held on replacements (card) where rest_held is not null`,
  `create index approvals_by_name on approvals (name, number)`,
  // Given up for good: something else took its place.
  `alter table chain_actions add column closed_at timestamptz`,
];

export const replacementApprovals: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
