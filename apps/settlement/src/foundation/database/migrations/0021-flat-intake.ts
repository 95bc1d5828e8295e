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

  // Uploads are never removed, so one check of all new vouchers at once says what a foreign key for
  // each would, by the same code.
  `alter table vouchers drop constraint vouchers_upload_fkey`,
  `create function vouchers_guard_upload() returns trigger language plpgsql as $$
   begin
     perform from (select distinct upload from added) a
       where (select true from uploads u where u.hash = a.upload limit 1) is null;
     if found then raise exception 'a voucher names an upload that is not there' using errcode = '23503'; end if;
     return null;
   end $$`,
  `create trigger vouchers_name_their_upload after insert on vouchers
    referencing new table as added for each statement execute function vouchers_guard_upload()`,
  `create trigger vouchers_keep_their_upload before update of upload on vouchers
    for each row execute function refuse_change()`,
];

export const flatIntake: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
