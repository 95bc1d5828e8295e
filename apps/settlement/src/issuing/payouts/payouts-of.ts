import type { Database } from "../../foundation/database/database.ts";

/** The newest payouts of a payee, with how far their transactions are. */
export async function payoutsOf(db: Database, payee: Uint8Array, most: number) {
  return await db
    .selectFrom("payouts")
    .innerJoin("chain_actions", "chain_actions.id", "payouts.action_id")
    .select(["payouts.id", "payouts.created_at", "chain_actions.state", "chain_actions.mined_hash"])
    .where("payouts.payee", "=", payee)
    .orderBy("payouts.created_at", "desc")
    .limit(most)
    .execute();
}
