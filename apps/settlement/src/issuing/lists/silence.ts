import { type RawBuilder, sql } from "kysely";
import { SILENT_AFTER_SECONDS, SILENT_UNTIL_SECONDS } from "./limits.ts";

/** When a terminal was heard last: its newest receipt. `payee` and `terminal_id` are columns of `of`. */
export function heardAt(of: string): RawBuilder<Date | null> {
  return sql<Date | null>`(select receipts.given_at from receipts where receipts.payee = ${sql.ref(`${of}.payee`)}
    and receipts.terminal_id = ${sql.ref(`${of}.terminal_id`)} order by receipts.given_at desc limit 1)`;
}

/** Whether a terminal sent something in the last week and nothing for a day, and is not withdrawn. */
export function isSilent(of: string, now: number): RawBuilder<boolean> {
  const [day, week] = [SILENT_AFTER_SECONDS, SILENT_UNTIL_SECONDS].map((seconds) => new Date(now - seconds * 1_000));
  return sql<boolean>`(${heardAt(of)} > ${week} and ${heardAt(of)} < ${day} and not exists (
    select from certificate_withdrawals w where w.payee = ${sql.ref(`${of}.payee`)}
      and w.terminal_id = ${sql.ref(`${of}.terminal_id`)}))`;
}
