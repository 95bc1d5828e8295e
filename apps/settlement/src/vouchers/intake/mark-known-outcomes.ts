import type { Postings } from "../../books/postings/postings.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { markRefunded } from "../returns/share-refund.ts";
import { statesBefore } from "../states/voucher-states.ts";
import type { FoundOutcomes } from "../fresh/find-outcomes.ts";

/**
 * Marks new vouchers whose outcome a final block has shown before their upload came: a merchant may
 * have claimed, released or refunded by itself.
 */
export async function markKnownOutcomes(
  trx: DatabaseTransaction,
  postings: Postings,
  { settled, released }: Pick<FoundOutcomes, "settled" | "released">,
): Promise<void> {
  if (settled.length > 0) {
    const paid = await trx
      .updateTable("vouchers")
      .set({ state: "final" })
      .where("id", "in", settled)
      .returning(["id", "card", "payee", "amount_units as amount"])
      .execute();
    await postings.released(trx, paid);
    await markRefunded(trx, settled);
  }
  if (released.length === 0) return;
  const givenUp = await trx
    .updateTable("vouchers")
    .set({ state: "released" })
    .where("id", "in", released)
    .where("state", "in", statesBefore("released"))
    .returning(["id", "card", "payee", "amount_units as amount"])
    .execute();
  await postings.released(trx, givenUp);
}
