import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What waits for a second person, above the sum that the configuration names. One thing is asked once at a time. */
export const approvals: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table approvals (
      id uuid primary key, kind text not null check (kind in ('funding', 'payout', 'withheld-payment')),
      name text not null, subject bytea not null, units bigint not null check (units > 0), request jsonb not null,
      asked_by text not null, asked_role text not null, reason text not null, asked_at timestamptz not null,
      ends_at timestamptz not null,
      state text not null check (state in ('waiting', 'approved', 'refused', 'ended')),
      decided_by text, decided_reason text, decided_at timestamptz,
      check ((state in ('approved', 'refused')) = (decided_at is not null)))`.execute(db);
    await sql`create unique index approvals_waiting on approvals (name) where state = 'waiting'`.execute(db);
    // A merchant sees its newest vouchers first.
    await sql`create index vouchers_of_payee_by_time on vouchers (payee, received_at, id)`.execute(db);
    await sql`create index approvals_by_time on approvals (asked_at desc)`.execute(db);
  },
};
