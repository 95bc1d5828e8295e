import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { enqueue, subjectOf } from "../../foundation/outbox/outbox.ts";

/**
 * A card's vouchers and proofs of state prove what its released and voided counters are worth (spec
 * §6.3); they may come after the release. Requests the renewal of such cards' allowances.
 */
export async function requestRenewals(
  trx: DatabaseTransaction,
  cards: readonly Uint8Array[],
  receivedAt: Date,
): Promise<void> {
  if (cards.length === 0) return;
  // The chain's watcher changes these rows with the release that it finds final. The second
  // transaction waits here, and sees the first one's changes in its next statement: one of the two
  // requests the renewal that knows both.
  await trx.selectFrom("cards").select("card").where("card", "in", cards).orderBy("card").forNoKeyUpdate().execute();
  const due = await trx
    .updateTable("cards")
    .set({ renewal_due: true })
    .where("card", "in", (where) =>
      where
        .selectFrom("chain_events")
        .select((select) => select.ref("chain_events.card").$notNull().as("card"))
        .where("chain_events.card", "in", cards)
        .where("kind", "in", ["released", "voided"])
        .where("final", "=", true),
    )
    .returning("card")
    .execute();
  for (const { card } of due) await enqueue(trx, "allowance", subjectOf(card), receivedAt);
}
