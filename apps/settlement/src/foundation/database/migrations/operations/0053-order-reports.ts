import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The stations' signed reports of orders, each as it came, with what settlement knew of its cards then. */
export const orderReports: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table order_reports (
      digest bytea primary key check (length(digest) = 32), report text not null,
      order_name text not null, station text, operator text, payee bytea not null, terminal_id bytea not null,
      made_at timestamptz not null, cards integer not null, ready integer not null, deposited text not null,
      known_cards integer not null, known_units bigint not null, received_at timestamptz not null)`.execute(db);
    await sql`create index order_reports_by_time on order_reports (received_at, digest)`.execute(db);
  },
};
