import { sql } from "kysely";
import { owedAccount, paidOutAccount } from "../../books/postings/chart-of-accounts.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";

/** A terminal of a payee, by its id. */
export interface NamedTerminal {
  readonly payee: Uint8Array;
  readonly terminalId: Uint8Array;
}

/**
 * Whether a payee is anybody here: a terminal was certified for it, or the books have an account of
 * it, as of one whose vouchers somebody else brought to the vault.
 */
export async function isKnownPayee(db: Database, payee: Uint8Array): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    select exists (select from terminals where payee = ${payee})
      or exists (select from uploads where payee = ${payee})
      or exists (select from ledger_accounts where id in (${owedAccount(payee)}, ${paidOutAccount(payee)})) as known`.execute(
    db,
  );
  return rows[0]?.known ?? false;
}

/** Throws Problem NOT_FOUND for a payee that is nobody here. */
export async function assertKnownPayee(db: Database, payee: Uint8Array): Promise<void> {
  if (await isKnownPayee(db, payee)) return;
  throw new Problem("NOT_FOUND", "No terminal is certified for this payee, and the books have no account of it.");
}

/**
 * Throws Problem NOT_FOUND for a terminal that was not certified for this payee. A certificate that
 * a lost database signed shows itself by its uploads.
 */
export async function assertKnownTerminal(
  db: Database | DatabaseTransaction,
  { payee, terminalId }: NamedTerminal,
): Promise<void> {
  for (const table of ["terminals", "uploads"] as const) {
    const row = await db
      .selectFrom(table)
      .select("payee")
      .where("payee", "=", payee)
      .where("terminal_id", "=", terminalId)
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) return;
  }
  throw new Problem("NOT_FOUND", "No terminal of this payee and id was certified here.");
}
