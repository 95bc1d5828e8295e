import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** What the watch of the money finds (spec §6.14). */
export type MoneyFaultCode =
  /** The vault holds less than it owes to cards and merchants. */
  | "INSOLVENT"
  /** Chain and books differ. */
  | "LEDGER_DIFFERENCE"
  /** The token moves for nobody: it is paused. */
  | "TOKEN_STOPPED"
  /** The token refuses the vault, the treasury, the guarantee's account, or a payee. */
  | "VAULT_BLOCKED"
  | "TREASURY_BLOCKED"
  | "GUARANTEE_BLOCKED"
  | "PAYEE_BLOCKED";

/** One thing that keeps money from moving. */
export interface MoneyFault {
  readonly code: MoneyFaultCode;
  /** A payee's address; empty where the whole service is meant. */
  readonly subject: string;
  readonly message: string;
  /** What a person can do. */
  readonly next: string;
  /** How large it is, in base units, where that is known: it may become another fault without ending. */
  readonly extent?: bigint;
}

/** The same with its time on record. */
export interface KnownMoneyFault extends MoneyFault {
  readonly since: Date;
  /** When more was missing, or another difference was found, than before; null where neither was. */
  readonly renewed: Date | null;
}

type Reading = Database | DatabaseTransaction;

/** All that is on record; of payees only so many as a list shows, behind the rest. */
export async function moneyFaults(db: Reading): Promise<readonly KnownMoneyFault[]> {
  const rows = await db
    .selectFrom("money_faults")
    .select(["code", "subject", "message", "next", "since", "renewed_at as renewed"])
    .orderBy((order) => order.eb("subject", "<>", ""))
    .orderBy("code")
    .orderBy("subject")
    .limit(LIMITS.listRows)
    .execute();
  return rows as readonly KnownMoneyFault[];
}

/** What was looked for, and what of it was found. */
export interface MoneyFinding {
  readonly codes: readonly MoneyFaultCode[];
  /** Whom it was looked for of; the whole service where it is left out. */
  readonly subjects?: readonly string[];
  readonly found: readonly MoneyFault[];
  readonly at: Date;
}

/** What is new and what is over, for the log. */
export interface MoneyChange {
  readonly begun: readonly MoneyFault[];
  readonly over: readonly string[];
}

/**
 * Puts what was found in the place of what was known of the same codes and subjects. What was known
 * before keeps the time since when it is.
 */
export function replaceMoneyFaults(db: Database, finding: MoneyFinding): Promise<MoneyChange> {
  return db.transaction().execute((trx) => exchangeMoneyFaults(trx, finding));
}

/** The same as a part of a transaction. */
export async function exchangeMoneyFaults(
  trx: DatabaseTransaction,
  { codes, subjects = [""], found, at }: MoneyFinding,
): Promise<MoneyChange> {
  if (subjects.length === 0) return { begun: [], over: [] };
  const known = await trx
    .selectFrom("money_faults")
    .select(["code", "subject"])
    .where("code", "in", codes)
    .where("subject", "in", subjects)
    .forUpdate()
    .execute();
  const nameOf = (fault: { readonly code: string; readonly subject: string }) => `${fault.code} ${fault.subject}`;
  const before = new Set(known.map(nameOf));
  const now = new Set(found.map(nameOf));
  for (const { code, subject } of known.filter((fault) => !now.has(nameOf(fault))))
    await trx.deleteFrom("money_faults").where("code", "=", code).where("subject", "=", subject).execute();
  for (const { code, subject, message, next, extent: units } of found) {
    const extent = units === undefined ? null : units.toString();
    await trx
      .insertInto("money_faults")
      .values({ code, subject, message, next, since: at, seen_at: at, extent })
      .onConflict((conflict) =>
        conflict.columns(["code", "subject"]).doUpdateSet({
          ...{ message, next, seen_at: at, extent },
          renewed_at: sql<Date | null>`case when ${isAnother} then ${at} else money_faults.renewed_at end`,
        }),
      )
      .execute();
  }
  return {
    begun: found.filter((fault) => !before.has(nameOf(fault))),
    over: known.map(nameOf).filter((name) => !now.has(name)),
  };
}

/** Less that is missing is no news; any other difference than the one before is another one. */
const isAnother = sql<boolean>`money_faults.extent <> excluded.extent
  and (money_faults.code <> 'INSOLVENT' or excluded.extent > money_faults.extent)`;

/** What a call is about to do with money. */
export type MoneyIntent = "fund" | "allow" | { readonly payTo: Uint8Array };

/**
 * Refuses what would bind or move money that is not there or does not move; the caller tries again
 * later, with one effect. Throws Problem INSOLVENT or TRANSFERS_STOPPED with the token's own reason.
 */
export async function assertMoneyMoves(db: Reading, intent: MoneyIntent): Promise<void> {
  const stop = await moneyStop(db, intent);
  if (stop === null) return;
  const code = stop.code === "INSOLVENT" ? "INSOLVENT" : "TRANSFERS_STOPPED";
  throw new Problem(code, stop.message, {
    next: stop.next,
    retryAfterSeconds: LIMITS.moneyRetrySeconds,
    members: { fault: stop.code, since: stop.since.toISOString() },
  });
}

/** What stops an intent now; null where nothing does. */
export async function moneyStop(db: Reading, intent: MoneyIntent): Promise<KnownMoneyFault | null> {
  const payee = typeof intent === "string" ? [] : [toHex(intent.payTo)];
  const row = await db
    .selectFrom("money_faults")
    .select(["code", "subject", "message", "next", "since", "renewed_at as renewed"])
    .where("code", "in", stopping(intent))
    .where("subject", "in", ["", ...payee])
    .orderBy("code")
    .limit(1)
    .executeTakeFirst();
  return (row as KnownMoneyFault | undefined) ?? null;
}

function stopping(intent: MoneyIntent): readonly MoneyFaultCode[] {
  switch (intent) {
    case "allow":
      return ["INSOLVENT"];
    case "fund":
      return ["INSOLVENT", "TOKEN_STOPPED", "VAULT_BLOCKED", "TREASURY_BLOCKED"];
    default:
      return ["TOKEN_STOPPED", "VAULT_BLOCKED", "PAYEE_BLOCKED"];
  }
}
