import { cardStatuses } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";

/** A counter of a card with two messages. */
export interface Fork {
  readonly card: Uint8Array;
  readonly counter: bigint;
  readonly foundAt: Date;
}

/** Records a fork once. It convicts the card, which is revoked in the same transaction. */
export async function recordFork(trx: DatabaseTransaction, { card, counter, foundAt }: Fork): Promise<void> {
  await trx
    .insertInto("forks")
    .values({ card, counter, found_at: foundAt })
    .onConflict((conflict) => conflict.columns(["card", "counter"]).doNothing())
    .execute();
  await revokeCard(trx, card);
}

/** Revokes a card whose own vouchers are evidence against it. */
export async function revokeCard(trx: DatabaseTransaction, card: Uint8Array): Promise<void> {
  const { revoked } = cardStatuses;
  await trx
    .updateTable("cards")
    .set({ status: revoked })
    .where("card", "=", card)
    .where("status", "!=", revoked)
    .execute();
}
