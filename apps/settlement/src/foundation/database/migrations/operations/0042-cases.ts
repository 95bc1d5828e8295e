import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What persons have to look into, each once: what opened a case is named by `source` and
 * `source_key`, which are unique. Names and reasons are kept in rows that can be changed, because
 * they can be erased; what a case is about is evidence elsewhere.
 */
const statements = [
  `create table cases (
    id bigint generated always as identity primary key,
    kind text not null, source text not null, source_key text not null, detail text not null,
    card bytea, counter bigint, payee bytea, terminal_id bytea, voucher_id bytea, upload bytea,
    missing_seq bigint, fault text, caused_at timestamptz not null,
    opened_at timestamptz not null, owner text, ended_at timestamptz, resolved_at timestamptz,
    unique (source, source_key))`,
  `create index cases_open on cases (id) where resolved_at is null`,
  `create index cases_by_card on cases (card) where card is not null`,
  `create index cases_by_payee on cases (payee) where payee is not null`,
  `create index cases_by_voucher on cases (voucher_id) where voucher_id is not null`,
  `create table case_events (
    id bigint generated always as identity primary key,
    case_id bigint not null references cases (id),
    kind text not null check (kind in ('opened', 'taken', 'ended', 'resolved', 'reopened')),
    who text, role text, reason text not null, at timestamptz not null)`,
  `create index case_events_by_case on case_events (case_id, id)`,
];

export const cases: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
