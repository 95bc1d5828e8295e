import { type RawBuilder, sql } from "kysely";
import { SILENT_AFTER_MS } from "./limits.ts";

/** When a terminal was heard last: its newest receipt. `payee` and `terminal_id` are columns of `of`. */
export function heardAt(of: string): RawBuilder<Date | null> {
  return sql<Date | null>`(select receipts.given_at from receipts where receipts.payee = ${sql.ref(`${of}.payee`)}
    and receipts.terminal_id = ${sql.ref(`${of}.terminal_id`)} order by receipts.given_at desc limit 1)`;
}

/**
 * Whether a terminal is silent: it brought an upload once, none for 8 hours, and its certificate is not withdrawn. Time
 * alone does not end it, and neither does a certificate that expires: what the terminal took before may still be in it.
 * An upload ends it, or a person who withdraws the certificate because the terminal was put away. Console, metrics,
 * readiness and `/v1/merchants?silent=true` all ask this.
 */
export function isSilent(of: string, now: number): RawBuilder<boolean> {
  const nowSeconds = BigInt(Math.floor(now / 1_000));
  return sql<boolean>`(${heardAt(of)} <= ${new Date(now - SILENT_AFTER_MS)} and not exists (
    select from certificate_withdrawals w where w.payee = ${sql.ref(`${of}.payee`)}
      and w.terminal_id = ${sql.ref(`${of}.terminal_id`)} and w.withdrawn_from <= ${nowSeconds}))`;
}
