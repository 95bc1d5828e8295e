import { sql } from "kysely";
import type { DatabaseTransaction } from "./database.ts";

/**
 * What only one transaction of an installation may do at a time. The numbers are PostgreSQL's names
 * of the locks: each is used once, and never given another meaning.
 */
const locks = {
  /** Building batches: one builder at a time keeps them full. */
  batches: 0x7a11_0001,
  /** Giving out card indices: they have no gaps, because each is two bits of every list. */
  cardIndices: 0x7a11_0002,
  /** Making a status list: its sequence has no gaps. */
  statusLists: 0x7a11_0003,
  /** Deciding what the issuer bears: two vouchers must not both fit into the rest of a bound. */
  guarantee: 0x7a11_0004,
  /** Adding to the audit log: its entries have no gaps. */
  auditLog: 0x7a11_0013,
  /** Certifying terminals and withdrawing it: none is certified while it is withdrawn. */
  certificates: 0x7a11_0014,
  /** Giving out positions in the mailbox: they grow in the order in which transactions end. */
  mailbox: 0x7a11_0023,
  /** Taking certificate requests in: their number has a bound. */
  certificateRequests: 0x7a11_0038,
  /** Making tokens: their number has a bound. */
  apiTokens: 0x7a11_0035,
  /** Announcing that a key takes the place of another, and planning what its account sends over. */
  keyRotations: 0x7a11_0048,
  /** Closing a period: each statement names the one before. */
  periods: 0x7a11_0059,
  /** Moving money without a second person: two movements must not both fit into the rest of a sum. */
  movementsAlone: 0x7a11_0066,
  /** Inviting people: their number has a bound. */
  people: 0x7a11_0039,
} as const;

/** Waits for a lock and holds it until the transaction ends. */
export async function takeLock(trx: DatabaseTransaction, name: keyof typeof locks): Promise<void> {
  await sql`select pg_advisory_xact_lock(${locks[name]})`.execute(trx);
}
