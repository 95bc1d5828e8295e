import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import { issuerOwesAccount, owedAccount, paidOutAccount } from "./chart-of-accounts.ts";

/** Where a payee stands by the books, in units; what a statement of now closes with (spec §6.17). */
export interface PayeeBalances {
  /** Taken in, and neither paid by the vault nor given up. */
  readonly accepted: bigint;
  /** What the vault holds for it. */
  readonly owed: bigint;
  /** What reached its address. */
  readonly paidOut: bigint;
  /** The part of `accepted` that the issuer owes, because the vault did not pay. */
  readonly issuerOwes: bigint;
}

/** All are 0 of a payee that the books do not know. */
export async function payeeBalances(db: Database, payee: Uint8Array): Promise<PayeeBalances> {
  const [owed, paidOut, issuerOwes] = [owedAccount(payee), paidOutAccount(payee), issuerOwesAccount(payee)];
  const { rows } = await sql<{ id: string; posted: string; pending: string }>`
    select id, (debits_posted - credits_posted)::text as posted, (debits_pending - credits_pending)::text as pending
    from ledger_accounts where id in (${owed}, ${paidOut}, ${issuerOwes})`.execute(db);
  const units = (account: string, part: "posted" | "pending"): bigint =>
    BigInt(rows.find(({ id }) => id === account)?.[part] ?? 0);
  return {
    accepted: units(owed, "pending"),
    owed: units(owed, "posted"),
    paidOut: units(paidOut, "posted"),
    issuerOwes: units(issuerOwes, "pending"),
  };
}
