import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";

/** What the books have of the transaction; null until it is posted. A posting's id begins with its transaction. */
const PAID_UNITS = sql<string | null>`(select sum(t.amount)::text from ledger_transfers t
  where t.id >= 'paidOut:0x' || encode(chain_actions.mined_hash, 'hex') || ':'
    and t.id < 'paidOut:0x' || encode(chain_actions.mined_hash, 'hex') || ';'
    and t.credit = 'owed:0x' || encode(payouts.payee, 'hex'))`.as("units");

/** The newest payouts of a payee, with how far their transactions are and what they paid. */
export async function payoutsOf(db: Database, payee: Uint8Array, most: number) {
  return await db
    .selectFrom("payouts")
    .innerJoin("chain_actions", "chain_actions.id", "payouts.action_id")
    .select(["payouts.id", "payouts.created_at", "chain_actions.state", "chain_actions.mined_hash"])
    .select(PAID_UNITS)
    .where("payouts.payee", "=", payee)
    .orderBy("payouts.created_at", "desc")
    .limit(most)
    .execute();
}
