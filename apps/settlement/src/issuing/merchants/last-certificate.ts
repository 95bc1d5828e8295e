import {
  decodeMerchantCertificate,
  equalBytes,
  MERCHANT_CERTIFICATE_LENGTH,
  type MerchantCertificate,
} from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { NamedTerminal } from "./known-merchants.ts";

/** The certificate that was made last of a terminal, and for how long settlement renewed it; null where none is known. */
export async function lastCertificate(
  db: Database | DatabaseTransaction,
  { payee, terminalId }: NamedTerminal,
): Promise<{ readonly terms: MerchantCertificate; readonly renewedSeconds: number | null } | null> {
  const row = await db
    .selectFrom("terminals")
    .select(["certificate", "renewed_seconds"])
    .where("payee", "=", payee)
    .where("terminal_id", "=", terminalId)
    .where(sql`length(certificate)`, "=", MERCHANT_CERTIFICATE_LENGTH)
    .orderBy("issued_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { renewed_seconds: renewed } = row;
  return {
    terms: decodeMerchantCertificate(new Uint8Array(row.certificate)),
    renewedSeconds: renewed === null ? null : Number(renewed),
  };
}

/**
 * One key for a payee and terminal id (spec §6.15): another key under it could reverse what the terminal sold.
 * Throws Problem TERMINAL_KEY_TAKEN.
 */
export async function assertSameKey(
  trx: DatabaseTransaction,
  terminal: NamedTerminal & { readonly terminalKey: Uint8Array },
): Promise<void> {
  const last = await lastCertificate(trx, terminal);
  if (last === null || equalBytes(last.terms.terminalKey, terminal.terminalKey)) return;
  throw new Problem(
    "TERMINAL_KEY_TAKEN",
    "Withdraw the certificates of the old key if it is lost, and certify the new key under a new terminal id. What the old key sold is paid all the same.",
  );
}
