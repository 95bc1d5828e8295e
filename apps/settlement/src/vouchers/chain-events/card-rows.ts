import { sql } from "kysely";
import { enqueue, subjectOf } from "../../foundation/outbox/outbox.ts";
import { reopened } from "../../issuing/replacements/card-movements.ts";
import type { EventContext } from "./event-context.ts";

/** What an event may change of a card at once. */
export interface CardChange {
  readonly opened_block?: bigint;
  readonly withdrawal_seen?: boolean;
  readonly flagged?: boolean;
  readonly renewal_due?: boolean;
}

/** Changes a card where it is one of ours; the vault may know others. */
export async function updateCard({ trx }: EventContext, card: Uint8Array, change: CardChange): Promise<void> {
  await trx.updateTable("cards").set(change).where("card", "=", card).execute();
}

export async function raiseHighestCounter({ trx }: EventContext, card: Uint8Array, counter: bigint): Promise<void> {
  await trx
    .updateTable("cards")
    .set({ highest_counter: counter })
    .where("card", "=", card)
    .where("highest_counter", "<", counter)
    .execute();
}

/**
 * A deposit, a release, a void, a refund or an owner's change of mind moved what the card may spend: its
 * next allowance may be due (spec §6.10).
 */
export async function renewAllowance(context: EventContext, card: Uint8Array): Promise<void> {
  await updateCard(context, card, { renewal_due: true });
  await enqueue(context.trx, "allowance", subjectOf(card), context.now);
}

/**
 * The balance grew: vouchers that the card could not cover are tried again, and a replacement of the card goes on, also one
 * that was done (spec §6.10).
 */
export async function countDeposit({ trx, now }: EventContext, card: Uint8Array, units: bigint): Promise<void> {
  await trx
    .updateTable("cards")
    .set((update) => ({ deposits_units: update("deposits_units", "+", units) }))
    .where("card", "=", card)
    .execute();
  const waiting = await trx
    .updateTable("vouchers")
    .set({ attempts: 0 })
    .where("card", "=", card)
    .where("state", "in", ["skipped", "withheld"])
    .returning("id")
    .execute();
  for (const { id } of waiting) await enqueue(trx, "compensate", subjectOf(id), now);
  if (units > 0n) await trx.updateTable("replacements").set(reopened(now)).where("card", "=", card).execute();
}

/**
 * What came back from a card that was replaced: its successor gets the rest, also where that was done, and the advance is no
 * receivable any more.
 */
export async function countWithdrawal(
  { trx, postings, now }: EventContext,
  card: Uint8Array,
  units: bigint,
): Promise<void> {
  const replaced = await trx
    .updateTable("replacements")
    .set({ ...reopened(now), withdrawn_units: sql<bigint>`coalesce(withdrawn_units, 0) + ${units}` })
    .where("card", "=", card)
    .$if(units === 0n, (query) => query.where("done_at", "is", null))
    .returning("card")
    .executeTakeFirst();
  if (replaced !== undefined) await postings.advanceEnds(trx, card);
}
