import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * People who sign in with a browser, the links by which they first do, and their sessions. Of links
 * and sessions the hashes alone are kept. A removed person keeps its name: nobody else gets it. The
 * audit log knows people by their ids, which tell nothing once the name is erased.
 */
const statements = [
  `create table people (
    name text primary key, id uuid not null unique, role text not null, payee bytea check (length(payee) = 20),
    invited_by text not null, invited_at timestamptz not null, removed_at timestamptz,
    check ((role = 'merchant') = (payee is not null)))`,
  `create table sign_in_links (
    hash bytea primary key check (length(hash) = 32), person text not null references people (name),
    made_at timestamptz not null, ends_at timestamptz not null, used_at timestamptz)`,
  `create index sign_in_links_by_person on sign_in_links (person) where used_at is null`,
  `create table sessions (
    id uuid primary key, hash bytea not null unique check (length(hash) = 32),
    person text not null references people (name), way text not null check (way in ('link', 'passkey', 'provider')),
    began_at timestamptz not null, seen_at timestamptz not null, ends_at timestamptz not null, ended_at timestamptz)`,
  `create index sessions_by_person on sessions (person) where ended_at is null`,
  // By passkeys (WebAuthn) people sign in without a link. A challenge serves once; the key makes them.
  `create table passkeys (
    id text primary key, person text not null references people (name), public_key bytea not null,
    counter bigint not null check (counter >= 0), transports text[] not null, made_at timestamptz not null,
    used_at timestamptz)`,
  `create index passkeys_by_person on passkeys (person)`,
  `create table used_challenges (hash bytea primary key check (length(hash) = 32), ends_at timestamptz not null)`,
  `create index used_challenges_by_end on used_challenges (ends_at)`,
  `create table sign_in_keys (one boolean primary key default true check (one), key bytea not null)`,
];

export const people: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
