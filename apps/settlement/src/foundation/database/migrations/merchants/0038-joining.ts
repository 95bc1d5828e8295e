import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Terminals that ask for their first certificate, and the first unit of a new payee (spec §6.15). A
 * request waits until a person decides; one that was decided is kept.
 */
const statements = [
  `create table certificate_requests (
    id bytea primary key check (length(id) = 32),
    request bytea not null check (length(request) = 130),
    signature bytea not null check (length(signature) = 64),
    source text not null,
    time bigint not null,
    received_at timestamptz not null,
    state text not null check (state in ('waiting', 'approved', 'refused')),
    decided_at timestamptz,
    decided_by text,
    reason text,
    certificate bytea,
    terms text,
    admission text,
    check ((state = 'waiting') = (decided_at is null)),
    check ((state = 'approved') = (certificate is not null and terms is not null)))`,
  `create index certificate_requests_waiting on certificate_requests (received_at) where state = 'waiting'`,
  `create index certificate_requests_by_source on certificate_requests (source, received_at)`,
  `create index certificate_requests_by_time on certificate_requests (received_at)`,
  `create table first_units (
    payee bytea primary key check (length(payee) = 20),
    action_id uuid not null references chain_actions (id),
    sent_at timestamptz not null,
    confirmed_at timestamptz,
    confirmed_by text,
    reason text)`,
  `create index vouchers_of_payee on vouchers (payee, id)`,
];

export const joining: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
