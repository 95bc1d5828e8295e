import { sql } from "kysely";
import type { Postings } from "../../books/postings/postings.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { markRefunded } from "../returns/share-refund.ts";
import { statesBefore } from "../states/voucher-states.ts";

/**
 * Marks new vouchers whose outcome a final block has shown before their upload came: a merchant may
 * have claimed, released or refunded by itself.
 */
export async function markKnownOutcomes(
  trx: DatabaseTransaction,
  postings: Postings,
  ids: readonly Uint8Array[],
): Promise<void> {
  if (ids.length === 0) return;
  const settled = await trx
    .updateTable("vouchers")
    .set({ state: "final" })
    .where("id", "in", ids)
    .where("id", "in", (select) => select.selectFrom("settled_items").select("voucher_id"))
    .returning(["id", "card", "payee", "amount_units as amount"])
    .execute();
  await postings.released(trx, settled);
  if (settled.length > 0) {
    await markRefunded(
      trx,
      settled.map(({ id }) => id),
    );
  }
  const released = await trx
    .updateTable("vouchers")
    .set({ state: "released" })
    .where("id", "in", ids)
    .where("state", "in", statesBefore("released"))
    .where(
      sql<boolean>`exists (select from chain_events e where e.final and e.kind = 'released' and e.card = vouchers.card
        and e.payee = vouchers.payee and e.units = vouchers.amount_units
        and e.detail->>'counter' = vouchers.counter::text)`,
    )
    .returning(["id", "card", "payee", "amount_units as amount"])
    .execute();
  await postings.released(trx, released);
}
