import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Alarms that a person is told of, and by which way each was told. One alarm of a code is open at a
 * time; when its finding is not seen any more it ends, and stays on record.
 */
const statements = [
  `create table alarms (
    id uuid primary key,
    code text not null,
    level text not null check (level in ('reason', 'warning')),
    message text not null,
    next text not null,
    since timestamptz not null,
    seen_at timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by text,
    ended_at timestamptz,
    check ((acknowledged_at is null) = (acknowledged_by is null)))`,
  `create unique index alarms_open on alarms (code) where ended_at is null`,
  `create index alarms_by_time on alarms (since)`,
  `create table alarm_tellings (
    alarm uuid not null references alarms (id),
    way text not null,
    told_at timestamptz,
    ended_told_at timestamptz,
    attempts int not null default 0,
    next_try_at timestamptz not null,
    fault text,
    primary key (alarm, way))`,
];

export const alarms: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
