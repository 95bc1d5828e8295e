import { replanAction } from "../../chain/chain-actions.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import type { Database } from "../../foundation/database/database.ts";

/**
 * Plans the deposit for a withheld voucher again that had no effect (an empty treasury, most
 * likely): whoever decided that it is paid need not decide again. Its old bytes can never be mined.
 * Decisions wait meanwhile, so that none of them takes it for ended.
 */
export async function retryDeposit(
  db: Database,
  voucherId: Uint8Array,
  { now, resendMs }: { readonly now: number; readonly resendMs: number },
): Promise<void> {
  const newest = (of: Pick<Database, "selectFrom">, { locked = false } = {}) =>
    of
      .selectFrom("withheld_decisions")
      .innerJoin("chain_actions", "chain_actions.id", "withheld_decisions.action_id")
      .innerJoin("vouchers", "vouchers.id", "withheld_decisions.voucher_id")
      .select(["chain_actions.id", "chain_actions.state", "chain_actions.changed_at", "vouchers.state as voucher"])
      .where("withheld_decisions.voucher_id", "=", voucherId)
      .where("withheld_decisions.way", "=", "deposit")
      .orderBy("withheld_decisions.id", "desc")
      .limit(1)
      // The vault may pay it meanwhile: whoever records that waits for this row, or had it before.
      .$if(locked, (query) => query.forUpdate("vouchers"))
      .executeTakeFirst();
  const found = await newest(db);
  if (found === undefined || (found.state !== "refused" && found.state !== "failed")) return;
  if (now - found.changed_at.getTime() < resendMs) return;
  await db.transaction().execute(async (trx) => {
    await takeLock(trx, "guarantee");
    if ((await newest(trx, { locked: true }))?.voucher === "withheld") await replanAction(trx, found.id, new Date(now));
  });
}
