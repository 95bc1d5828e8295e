import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What keeps money from moving, as the watch of the money found it last and since when (spec §6.14);
 * and what the first start bound the installation to: the treasury and every key that the issuer
 * has signed with. A treasury that is null is bound at the next start.
 */
const statements = [
  `create table money_faults (
    code text not null,
    subject text not null,
    message text not null,
    next text not null,
    since timestamptz not null,
    seen_at timestamptz not null,
    primary key (code, subject))`,
  `alter table installation add column treasury bytea check (length(treasury) = 20)`,
  `create table issuer_keys (
    key_id integer primary key check (key_id between 0 and 255),
    public_key bytea not null check (length(public_key) = 33),
    current boolean not null)`,
  `create unique index issuer_keys_one_current on issuer_keys (current) where current`,
];

export const watched: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
