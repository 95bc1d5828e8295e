import { replanAction } from "../../chain/chain-actions.ts";
import type { Database } from "../../foundation/database/database.ts";

/**
 * Plans the deposit for a withheld voucher again that had no effect (an empty treasury, most
 * likely): whoever decided that it is paid need not decide again. Its old bytes can never be mined.
 */
export async function retryDeposit(
  db: Database,
  voucherId: Uint8Array,
  { now, resendMs }: { readonly now: number; readonly resendMs: number },
): Promise<void> {
  const action = await db
    .selectFrom("withheld_decisions")
    .innerJoin("chain_actions", "chain_actions.id", "withheld_decisions.action_id")
    .select(["chain_actions.id"])
    .where("withheld_decisions.voucher_id", "=", voucherId)
    .where("withheld_decisions.way", "=", "deposit")
    .where("chain_actions.state", "in", ["refused", "failed"])
    .where("chain_actions.changed_at", "<=", new Date(now - resendMs))
    .orderBy("withheld_decisions.id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (action === undefined) return;
  await db.transaction().execute((trx) => replanAction(trx, action.id, new Date(now)));
}
