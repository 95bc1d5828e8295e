import { toHex } from "@tallystick/protocol";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import type { FactContext } from "./event-context.ts";

/** What a fact may change of a card at once. */
export interface CardChange {
  readonly opened_block?: bigint;
  readonly withdrawal_seen?: boolean;
  readonly flagged?: boolean;
  readonly status?: number;
  readonly renewal_due?: boolean;
}

/** Changes a card where it is one of ours; the vault may know others. */
export async function updateCard({ trx }: FactContext, card: Uint8Array, change: CardChange): Promise<void> {
  await trx.updateTable("cards").set(change).where("card", "=", card).execute();
}

export async function raiseHighestCounter({ trx }: FactContext, card: Uint8Array, counter: bigint): Promise<void> {
  await trx
    .updateTable("cards")
    .set({ highest_counter: counter })
    .where("card", "=", card)
    .where("highest_counter", "<", counter)
    .execute();
}

/** A release, a void or a refund gave value back: the card's allowance is raised by it (spec §6.2). */
export async function renewAllowance(context: FactContext, card: Uint8Array): Promise<void> {
  await updateCard(context, card, { renewal_due: true });
  await enqueue(context.trx, "allowance", toHex(card).slice(2), context.now);
}

/** More balance: what the card could not cover is tried again. */
export async function countDeposit({ trx, now }: FactContext, card: Uint8Array, units: bigint): Promise<void> {
  await trx
    .updateTable("cards")
    .set((update) => ({ deposits_units: update("deposits_units", "+", units) }))
    .where("card", "=", card)
    .execute();
  const waiting = await trx
    .updateTable("vouchers")
    .set({ attempts: 0 })
    .where("card", "=", card)
    .where("state", "=", "skipped")
    .returning("id")
    .execute();
  for (const { id } of waiting) await enqueue(trx, "compensate", toHex(id).slice(2), now);
}
