import type { ChainAction, Signed, StoredTransaction } from "@tallystick/evm";
import type { Selectable } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { ChainTransactionsTable } from "../../foundation/database/tables/chain-tables.ts";
import { count } from "../../foundation/figures/figures.ts";

/** What a transaction is stored for. */
type SendingAction = Pick<ChainAction, "id" | "nonce" | "gas"> & { readonly account: Uint8Array };

/** Counts the vouchers of a batch that stands in a block. */
export async function countMined(trx: DatabaseTransaction, id: string): Promise<void> {
  const batch = await trx.selectFrom("batches").select("voucher_count").where("action_id", "=", id).executeTakeFirst();
  count("tallystick_stage_vouchers_total", { stage: "mined" }, batch?.voucher_count ?? 0);
}

/** A row as the sender has it. */
export function storedTransaction(row: Selectable<ChainTransactionsTable>): StoredTransaction {
  return {
    ...{ raw: row.raw, hash: row.hash },
    ...{ maxFee: BigInt(row.max_fee), priorityFee: BigInt(row.priority_fee) },
    ...{ storedAt: row.stored_at.getTime(), sentAt: row.sent_at?.getTime() ?? null },
  };
}

/** Stores one more attempt of an action. */
export async function storeTransaction(
  trx: DatabaseTransaction,
  { id, account, nonce, gas }: SendingAction,
  { hash, raw, maxFee, priorityFee, at }: Signed & { readonly at: number },
): Promise<void> {
  if (nonce === null || gas === null) throw new Error(`The action ${id} has no nonce.`);
  const last = await trx
    .selectFrom("chain_transactions")
    .select((select) => select.fn.max("attempt").as("attempt"))
    .where("action_id", "=", id)
    .executeTakeFirst();
  await trx
    .insertInto("chain_transactions")
    .values({
      ...{ hash, account, action_id: id, attempt: (last?.attempt ?? 0) + 1, nonce, raw, gas },
      ...{ max_fee: maxFee, priority_fee: priorityFee, stored_at: new Date(at), sent_at: null },
    })
    .execute();
}
