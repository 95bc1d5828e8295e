import { fromHex } from "@tallystick/protocol";
import type { VaultEvent } from "@tallystick/vault";
import { placeOf, type PlacedEvent } from "../../chain/vault-chain.ts";
import { shareRefund } from "../returns/share-refund.ts";
import { HELD_STATES, statesBefore } from "../states/voucher-states.ts";
import { countDeposit, raiseHighestCounter, renewAllowance } from "./card-rows.ts";
import { keepChainMessages, releasedVoucher } from "./chain-messages.ts";
import type { EventContext } from "./event-context.ts";
import { loseRivals } from "./rivals.ts";

type Released = Extract<VaultEvent, { kind: "released" }>;
type Voided = Extract<VaultEvent, { kind: "voided" }>;
type Refunded = Extract<VaultEvent, { kind: "refunded" }>;

/**
 * The payee released a voucher: its hold ends, it will never be paid, and its amount goes back into
 * the card's allowance.
 */
export async function recordRelease(context: EventContext, placed: PlacedEvent<Released>): Promise<void> {
  const { trx, postings } = context;
  const { event, log } = placed;
  // An upload that brings a message of this counter at the same time must see the release, or be seen by it.
  await postings.lockCard(trx, event.card);
  await raiseHighestCounter(context, event.card, BigInt(event.counter));
  const found = await trx
    .selectFrom("vouchers")
    .select(["id", "card", "payee", "amount_units as amount", "state"])
    .where("card", "=", event.card)
    .where("counter", "=", BigInt(event.counter))
    .where("payee", "=", event.payee)
    .where("amount_units", "=", event.units)
    .where("state", "in", statesBefore("released"))
    .forUpdate()
    .execute();
  await postings.released(
    trx,
    found.filter(({ state }) => HELD_STATES.includes(state)),
  );
  for (const { id } of found) {
    await trx.updateTable("vouchers").set({ state: "released", withheld_ground: null }).where("id", "=", id).execute();
  }
  const message = releasedVoucher(context, placed);
  if (message !== null) await keepChainMessages(context, [message], { usedBy: "released", log });
  await loseRivals(context, await rivalsOf(context, event));
  await renewAllowance(context, event.card);
}

/** Messages with the counter that are surely others than the one that was given up. */
function rivalsOf({ trx }: EventContext, { card, counter, payee, units }: Released) {
  return trx
    .selectFrom("vouchers")
    .select(["id", "card", "counter", "state"])
    .where("card", "=", card)
    .where("counter", "=", BigInt(counter))
    .where((where) => where.or([where("payee", "!=", payee), where("amount_units", "!=", units)]))
    .execute();
}

/** The owner voided a counter whose voucher is lost. */
export async function recordVoid(context: EventContext, { event }: PlacedEvent<Voided>): Promise<void> {
  await raiseHighestCounter(context, event.card, BigInt(event.counter));
  await renewAllowance(context, event.card);
}

/** Units went back to a card: posted voucher by voucher, and the card's allowance is raised. */
export async function recordRefund(context: EventContext, placed: PlacedEvent<Refunded>): Promise<void> {
  const { trx, postings } = context;
  const { merchant: payee, card, units, fromEarnings, voucherId } = placed.event;
  const place = placeOf(placed);
  await trx
    .insertInto("refunds")
    .values({
      ...{ place, payee, card, units },
      from_earnings: fromEarnings,
      named_voucher: voucherId,
      transaction_hash: fromHex(placed.log.transactionHash, 32),
      block_number: placed.log.blockNumber,
    })
    .execute();
  const shares = await shareRefund(trx, { place, payee, card, units, voucherId });
  const own = context.own(payee);
  const fromTokens = units - fromEarnings;
  await postings.moved(trx, place, { kind: "refunded", payee, card, fromEarnings, fromTokens, own, shares });
  await countDeposit(context, card, units);
  await renewAllowance(context, card);
}
