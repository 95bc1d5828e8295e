import { fromHex, toHex } from "@tallystick/protocol";
import type { VaultEvent } from "@tallystick/vault";
import type { PlacedEvent } from "../../chain/vault-chain.ts";
import { reportPaidTwice, stopTransfer } from "../forks/paid-twice.ts";
import { countSigned } from "../forks/signed-sum.ts";
import { HELD_STATES, statesBefore } from "../states/voucher-states.ts";
import { raiseHighestCounter } from "./card-rows.ts";
import { type ChainMessage, keepChainMessages, paidMessage } from "./chain-messages.ts";
import type { EventContext } from "./event-context.ts";
import { recordPayloadArrivals } from "./payload-arrivals.ts";
import { loseRivals } from "./rivals.ts";

type Settlement = Extract<VaultEvent, { kind: "settled" }>;

/**
 * Books what the bitmap shows as paid, whoever submitted it, and marks what was skipped of a batch
 * of ours.
 */
export async function recordSettlement(context: EventContext, placed: PlacedEvent<Settlement>): Promise<void> {
  const { items } = placed.event;
  const paid = items.filter((item) => item.paid).map(({ item }) => paidMessage(context, item));
  await recordPaid(context, paid, placed);
  const skipped = items.filter((item) => !item.paid).map(({ item }) => item);
  await recordPayloadArrivals(context, skipped, placed.log.blockNumber);
  await closeBatch(context, placed, paid.length);
}

async function recordPaid(
  context: EventContext,
  paid: readonly ChainMessage[],
  { log }: PlacedEvent<Settlement>,
): Promise<void> {
  if (paid.length === 0) return;
  const { trx } = context;
  const inserted = await trx
    .insertInto("settled_items")
    .values(
      paid.map((item) => ({
        voucher_id: item.id,
        card: item.card,
        counter: item.counter,
        payee: item.payee,
        amount_units: item.amount,
        transaction_hash: fromHex(log.transactionHash, 32),
        block_number: log.blockNumber,
      })),
    )
    .onConflict((conflict) => conflict.column("voucher_id").doNothing())
    .returning("voucher_id")
    .execute();
  const fresh = new Set(inserted.map((row) => toHex(row.voucher_id)));
  const items = paid.filter((item) => fresh.has(toHex(item.id)));
  if (items.length === 0) return;
  const ids = items.map((item) => item.id);
  await keepChainMessages(context, items, { usedBy: "settled", log });
  const known = await trx
    .selectFrom("vouchers")
    .select(["id", "state", "received_at"])
    .where("id", "in", ids)
    .forUpdate()
    .execute();
  context.paid?.push(...known.map(({ received_at: arrived }) => arrived));
  const held = new Set(known.filter(({ state }) => HELD_STATES.includes(state)).map(({ id }) => toHex(id)));
  await context.postings.paid(
    trx,
    items.map((item) => ({ ...item, held: held.has(toHex(item.id)) })),
  );
  await trx
    .updateTable("vouchers")
    .set({ state: "final", withheld_ground: null })
    .where("id", "in", ids)
    .where("state", "in", statesBefore("final"))
    .execute();
  for (const { id, state } of known) {
    if (state === "compensating") await stopTransfer(trx, id, context.now);
    if (state === "compensated") await reportPaidTwice(trx, id, context.now);
  }
  await loseRivals(context, await rivalsOf(context, items));
  await countSigned(trx, await unknownCounters(context, items), context.now);
  for (const [card, counter] of highestCounters(items)) await raiseHighestCounter(context, card, counter);
}

/** Other messages with counters that the vault has paid. */
function rivalsOf({ trx }: EventContext, items: readonly ChainMessage[]) {
  return trx
    .selectFrom("vouchers")
    .innerJoin("settled_items", (join) =>
      join.onRef("settled_items.card", "=", "vouchers.card").onRef("settled_items.counter", "=", "vouchers.counter"),
    )
    .select(["vouchers.id", "vouchers.card", "vouchers.counter", "vouchers.state"])
    .where(
      "settled_items.voucher_id",
      "in",
      items.map((item) => item.id),
    )
    .whereRef("vouchers.id", "!=", "settled_items.voucher_id")
    .execute();
}

/** Those of whose counter no upload has brought a message. */
async function unknownCounters(
  { trx }: EventContext,
  items: readonly ChainMessage[],
): Promise<readonly ChainMessage[]> {
  const claims = await trx
    .selectFrom("counter_claims")
    .select(["card", "counter"])
    .where((where) =>
      where(
        where.refTuple("card", "counter"),
        "in",
        items.map(({ card, counter }) => where.tuple(card, counter)),
      ),
    )
    .execute();
  const claimed = new Set(claims.map(({ card, counter }) => `${toHex(card)}:${counter}`));
  return items.filter(({ card, counter }) => !claimed.has(`${toHex(card)}:${counter}`));
}

async function closeBatch({ trx }: EventContext, { event, log }: PlacedEvent<Settlement>, paid: number): Promise<void> {
  const batch = await trx
    .updateTable("batches")
    .set({
      state: "final",
      result: event.result,
      paid,
      skipped: event.items.length - paid,
      transaction_hash: fromHex(log.transactionHash, 32),
      block_number: log.blockNumber,
    })
    .where("payload_hash", "=", event.payloadHash)
    .where("state", "=", "open")
    .returning("id")
    .executeTakeFirst();
  if (batch === undefined) return;
  await trx
    .updateTable("vouchers")
    .set((update) => ({ state: "skipped", attempts: update("attempts", "+", 1) }))
    .where("batch_id", "=", batch.id)
    .where("state", "=", "batched")
    .execute();
}

function highestCounters(items: readonly ChainMessage[]): readonly (readonly [Uint8Array, bigint])[] {
  const highest = new Map<string, readonly [Uint8Array, bigint]>();
  for (const { card, counter } of items) {
    const name = toHex(card);
    const known = highest.get(name);
    if (known === undefined || known[1] < counter) highest.set(name, [card, counter]);
  }
  return [...highest.values()];
}
