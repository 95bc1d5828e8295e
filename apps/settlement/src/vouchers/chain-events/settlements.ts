import { encodeVoucherMessage, fromHex, toAddress, toHex, voucherId } from "@tallystick/protocol";
import type { PayloadItem, VaultEvent } from "@tallystick/vault";
import type { PostedVoucher } from "../../books/postings/postings.ts";
import type { PlacedEvent } from "../../chain/vault-chain.ts";
import { enqueue, subjectOf } from "../../foundation/outbox/outbox.ts";
import { recordFork } from "../forks/record-fork.ts";
import { HELD_STATES, statesBefore } from "../states/voucher-states.ts";
import { raiseHighestCounter } from "./card-rows.ts";
import type { EventContext } from "./event-context.ts";
import { recordPayloadArrivals } from "./payload-arrivals.ts";

type Settlement = Extract<VaultEvent, { kind: "settled" }>;

interface PaidItem extends PostedVoucher {
  readonly counter: bigint;
}

/**
 * Books what the bitmap shows as paid, whoever submitted it, and marks what was skipped of a batch
 * of ours.
 */
export async function recordSettlement(context: EventContext, placed: PlacedEvent<Settlement>): Promise<void> {
  const { items } = placed.event;
  const paid = items.filter((item) => item.paid).map(({ item }) => identify(context, item));
  await recordPaid(context, paid, placed);
  const skipped = items.filter((item) => !item.paid).map(({ item }) => item);
  await recordPayloadArrivals(context, skipped, placed.log.blockNumber);
  await closeBatch(context, placed, paid.length);
}

function identify({ domain }: EventContext, item: PayloadItem): PaidItem {
  const { card, payee, counter, amount, context } = item;
  const message = {
    domain: { chainId: domain.chainId, vault: toAddress(domain.vault) },
    ...{ payee: toAddress(payee), counter, amount, context },
  };
  // The codec refuses what the vault skips; only paid items come here.
  encodeVoucherMessage(message);
  return { id: voucherId(toAddress(card), message), card, payee, amount, counter: BigInt(counter) };
}

async function recordPaid(
  context: EventContext,
  paid: readonly PaidItem[],
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
  const known = await trx.selectFrom("vouchers").select(["id", "state"]).where("id", "in", ids).forUpdate().execute();
  const held = new Set(known.filter(({ state }) => HELD_STATES.includes(state)).map(({ id }) => toHex(id)));
  await context.postings.paid(
    trx,
    items.map((item) => ({ ...item, held: held.has(toHex(item.id)) })),
  );
  await trx
    .updateTable("vouchers")
    .set({ state: "final" })
    .where("id", "in", ids)
    .where("state", "in", statesBefore("final"))
    .execute();
  await loseRivals(context, items);
  for (const [card, counter] of highestCounters(items)) await raiseHighestCounter(context, card, counter);
}

/**
 * Other messages with a paid counter can never be paid by the vault: forked, and the issuer
 * decides.
 */
async function loseRivals(context: EventContext, items: readonly PaidItem[]): Promise<void> {
  const { trx, now } = context;
  const rivals = await trx
    .selectFrom("vouchers")
    .innerJoin("settled_items", (join) =>
      join.onRef("settled_items.card", "=", "vouchers.card").onRef("settled_items.counter", "=", "vouchers.counter"),
    )
    .select(["vouchers.id", "vouchers.card", "vouchers.counter"])
    .where(
      "settled_items.voucher_id",
      "in",
      items.map((item) => item.id),
    )
    .whereRef("vouchers.id", "!=", "settled_items.voucher_id")
    .where("vouchers.state", "in", ["received", "batched", "skipped", "forked"])
    .execute();
  for (const rival of rivals) {
    await trx.updateTable("vouchers").set({ state: "forked" }).where("id", "=", rival.id).execute();
    await recordFork(trx, { card: rival.card, counter: rival.counter, foundAt: now });
    await enqueue(trx, "compensate", subjectOf(rival.id), now);
  }
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

function highestCounters(items: readonly PaidItem[]): readonly (readonly [Uint8Array, bigint])[] {
  const highest = new Map<string, readonly [Uint8Array, bigint]>();
  for (const { card, counter } of items) {
    const name = toHex(card);
    const known = highest.get(name);
    if (known === undefined || known[1] < counter) highest.set(name, [card, counter]);
  }
  return [...highest.values()];
}
