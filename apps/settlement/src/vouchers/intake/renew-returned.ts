import { toHex } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";

/**
 * What a released or voided counter is worth is proved by the card's vouchers and proofs of state (spec §6.3), which may come after the
 * release. The allowances of such cards are looked at again.
 */
export async function renewGivenBack(
  trx: DatabaseTransaction,
  cards: readonly Uint8Array[],
  receivedAt: Date,
): Promise<void> {
  if (cards.length === 0) return;
  // The chain's watcher changes these rows with the release that it finds final. Whoever comes second waits here, and sees the other's
  // work in its next statement: one of the two asks for the renewal that knows both.
  await trx.selectFrom("cards").select("card").where("card", "in", cards).orderBy("card").forNoKeyUpdate().execute();
  const given = await trx
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
  for (const { card } of given) await enqueue(trx, "allowance", toHex(card).slice(2), receivedAt);
}
