import { encodeVoucherMessage, equalBytes, toAddress, toHex, voucherId } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../database/database.ts";
import { enqueue } from "../outbox/outbox.ts";
import type { Postings, PostedVoucher } from "../postings/postings.ts";
import { statesBefore } from "../vouchers/voucher-states.ts";
import type { PayloadItem, PlacedEvent, VaultContract, VaultEvent } from "./vault-contract.ts";

/** What one settlement carried. */
export interface SettledPayload {
  readonly items: readonly PayloadItem[];
}

interface SettledItem extends PostedVoucher {
  readonly counter: bigint;
}

/** States in which a voucher's hold is open. */
const HELD: readonly string[] = ["received", "batched", "skipped", "forked", "compensating"];

/** Records what final blocks show, one event after the other, in one transaction: postings and voucher states. */
export class FactRecorder {
  private readonly trx: DatabaseTransaction;
  private readonly contract: VaultContract;
  private readonly postings: Postings;
  private readonly treasury: Uint8Array;
  private readonly scale: bigint;
  private readonly chainId: bigint;
  private readonly now: Date;

  constructor(options: {
    trx: DatabaseTransaction;
    contract: VaultContract;
    postings: Postings;
    treasury: Uint8Array;
    scale: bigint;
    chainId: bigint;
    now: Date;
  }) {
    this.trx = options.trx;
    this.contract = options.contract;
    this.postings = options.postings;
    this.treasury = options.treasury;
    this.scale = options.scale;
    this.chainId = options.chainId;
    this.now = options.now;
  }

  /** Answers a sentence for the operators where an event could not be understood, else null. */
  async record(placed: PlacedEvent, payload: SettledPayload | null): Promise<string | null> {
    const { event, log } = placed;
    const place = `${toHex(log.transactionHash)}:${log.logIndex}`;
    switch (event.kind) {
      case "settled":
        if (payload === null) return `The payload of ${place} is not known.`;
        await this.settled(placed, event, payload);
        return null;
      case "transfer":
        await this.transferred(placed, event, place);
        return null;
      case "opened":
        await this.updateCard(event.card, { opened_block: log.blockNumber });
        return null;
      case "funded":
        await this.postings.moved(this.trx, place, { ...event, own: equalBytes(event.funder, this.treasury) });
        await this.deposited(event.card, event.units);
        return null;
      case "refunded": {
        const { payee, card, units, fromEarnings } = event;
        const own = equalBytes(payee, this.treasury);
        const fromTokens = units - fromEarnings;
        await this.postings.moved(this.trx, place, { kind: "refunded", payee, card, fromEarnings, fromTokens, own });
        await this.deposited(card, units);
        await this.refundCancelled(event);
        await this.renewAllowance(card);
        return null;
      }
      case "withdrawn": {
        const own = equalBytes(event.to, this.treasury);
        await this.postings.moved(this.trx, place, { kind: "paidOut", payee: event.payee, units: event.units, own });
        return null;
      }
      case "cardWithdrawn":
        await this.postings.moved(this.trx, place, { ...event, own: equalBytes(event.to, this.treasury) });
        return null;
      case "withdrawalRequested":
        await this.updateCard(event.card, { withdrawal_seen: true });
        return null;
      case "equivocation":
        await this.updateCard(event.card, { flagged: true });
        return null;
      case "released":
      case "voided":
        await this.raiseHighestCounter(event.card, event.counter);
        if (event.kind === "released") await this.releaseVoucher(event);
        await this.renewAllowance(event.card);
        return null;
      case "withdrawalCancelled":
        return null;
    }
  }

  /** Pays what the bitmap says was paid, whoever submitted it, and takes back what was skipped of a batch of ours. */
  private async settled(
    { log }: PlacedEvent,
    event: Extract<VaultEvent, { kind: "settled" }>,
    payload: SettledPayload,
  ): Promise<void> {
    const paid: SettledItem[] = [];
    payload.items.forEach((item, index) => {
      if (this.contract.isPaid(event.result, index)) paid.push(this.identify(item));
    });
    await this.recordPaid(paid, log.transactionHash, log.blockNumber);
    await this.closeBatch(
      event,
      { paid: paid.length, items: payload.items.length },
      log.transactionHash,
      log.blockNumber,
    );
  }

  private identify(item: PayloadItem): SettledItem {
    const { card, payee, counter, amount, context } = item;
    const domain = { chainId: this.chainId, vault: toAddress(this.contract.vault) };
    const message = { domain, payee: toAddress(payee), counter: Number(counter), amount, context };
    // The codec refuses what the vault skips; only paid items come here.
    encodeVoucherMessage(message);
    return { id: voucherId(toAddress(card), message), card, payee, amount, counter };
  }

  private async recordPaid(
    paid: readonly SettledItem[],
    transactionHash: Uint8Array,
    blockNumber: bigint,
  ): Promise<void> {
    if (paid.length === 0) return;
    const inserted = await this.trx
      .insertInto("settled_items")
      .values(
        paid.map((item) => ({
          voucher_id: item.id,
          card: item.card,
          counter: item.counter,
          payee: item.payee,
          amount_units: item.amount,
          transaction_hash: transactionHash,
          block_number: blockNumber,
        })),
      )
      .onConflict((conflict) => conflict.column("voucher_id").doNothing())
      .returning("voucher_id")
      .execute();
    const fresh = new Set(inserted.map((row) => toHex(row.voucher_id)));
    const items = paid.filter((item) => fresh.has(toHex(item.id)));
    if (items.length === 0) return;
    const ids = items.map((item) => item.id);
    const known = await this.trx
      .selectFrom("vouchers")
      .select(["id", "state"])
      .where("id", "in", ids)
      .forUpdate()
      .execute();
    const held = new Set(known.filter(({ state }) => HELD.includes(state)).map(({ id }) => toHex(id)));
    await this.postings.paid(
      this.trx,
      items.map((item) => ({ ...item, held: held.has(toHex(item.id)) })),
    );
    await this.trx
      .updateTable("vouchers")
      .set({ state: "final" })
      .where("id", "in", ids)
      .where("state", "in", statesBefore("final"))
      .execute();
    await this.loseRivals(items);
    for (const [card, counter] of highestCounters(items)) await this.raiseHighestCounter(card, counter);
  }

  /** Other messages with a paid counter can never be paid by the vault: forked, and the issuer decides. */
  private async loseRivals(items: readonly SettledItem[]): Promise<void> {
    const rivals = await this.trx
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
      await this.trx.updateTable("vouchers").set({ state: "forked" }).where("id", "=", rival.id).execute();
      await this.trx
        .insertInto("forks")
        .values({ card: rival.card, counter: rival.counter, found_at: this.now })
        .onConflict((conflict) => conflict.columns(["card", "counter"]).doNothing())
        .execute();
      await this.updateCard(rival.card, { status: 2 });
      await enqueue(this.trx, "compensate", toHex(rival.id).slice(2), this.now);
    }
  }

  private async closeBatch(
    event: Extract<VaultEvent, { kind: "settled" }>,
    counts: { paid: number; items: number },
    transactionHash: Uint8Array,
    blockNumber: bigint,
  ): Promise<void> {
    const batch = await this.trx
      .updateTable("batches")
      .set({
        state: "final",
        result: event.result,
        paid: counts.paid,
        skipped: counts.items - counts.paid,
        transaction_hash: transactionHash,
        block_number: blockNumber,
      })
      .where("payload_hash", "=", event.payloadHash)
      .where("state", "=", "open")
      .returning("id")
      .executeTakeFirst();
    if (batch === undefined) return;
    await this.trx
      .updateTable("vouchers")
      .set((update) => ({ state: "skipped", attempts: update("attempts", "+", 1) }))
      .where("batch_id", "=", batch.id)
      .where("state", "=", "batched")
      .execute();
  }

  /** Tokens into or out of the treasury. What the vault moves is told by the vault's own events. */
  private async transferred(
    { log }: PlacedEvent,
    event: Extract<VaultEvent, { kind: "transfer" }>,
    place: string,
  ): Promise<void> {
    const units = event.baseUnits / this.scale;
    const { vault } = this.contract;
    if (equalBytes(event.from, vault) || equalBytes(event.to, vault) || equalBytes(event.from, event.to)) return;
    if (equalBytes(event.to, this.treasury)) {
      await this.postings.moved(this.trx, place, { kind: "minted", units });
      return;
    }
    const voucher = await this.compensationOf(log.transactionHash);
    if (voucher === null) {
      await this.postings.moved(this.trx, place, { kind: "burned", units });
      return;
    }
    await this.postings.compensated(this.trx, voucher);
    await this.trx.updateTable("vouchers").set({ state: "compensated" }).where("id", "=", voucher.id).execute();
  }

  private async compensationOf(transactionHash: Uint8Array): Promise<PostedVoucher | null> {
    const row = await this.trx
      .selectFrom("chain_transactions")
      .innerJoin("compensations", "compensations.action_id", "chain_transactions.action_id")
      .innerJoin("vouchers", "vouchers.id", "compensations.voucher_id")
      .select(["vouchers.id", "vouchers.card", "vouchers.payee", "vouchers.amount_units as amount"])
      .where("chain_transactions.hash", "=", transactionHash)
      .where("vouchers.state", "=", "compensating")
      .executeTakeFirst();
    return row ?? null;
  }

  private async renewAllowance(card: Uint8Array): Promise<void> {
    await this.updateCard(card, { renewal_due: true });
    await enqueue(this.trx, "allowance", toHex(card).slice(2), this.now);
  }

  /** The payee gave a voucher up: its hold ends, and it will never be paid. */
  private async releaseVoucher(event: Extract<VaultEvent, { kind: "released" }>): Promise<void> {
    const found = await this.trx
      .selectFrom("vouchers")
      .select(["id", "card", "payee", "amount_units as amount", "state"])
      .where("card", "=", event.card)
      .where("counter", "=", event.counter)
      .where("payee", "=", event.payee)
      .where("amount_units", "=", event.units)
      .where("state", "in", statesBefore("released"))
      .forUpdate()
      .execute();
    await this.postings.released(
      this.trx,
      found.filter(({ state }) => HELD.includes(state)),
    );
    for (const { id } of found) {
      await this.trx.updateTable("vouchers").set({ state: "released" }).where("id", "=", id).execute();
    }
  }

  /** A refund names a card and an amount; where that is a cancelled voucher which was paid, it is that one's. */
  private async refundCancelled(event: Extract<VaultEvent, { kind: "refunded" }>): Promise<void> {
    const cancelled = await this.trx
      .selectFrom("vouchers")
      .innerJoin("cancellations", (join) =>
        join
          .onRef("cancellations.request", "=", "vouchers.request")
          .onRef("cancellations.card_key", "=", "vouchers.card_key"),
      )
      .select("vouchers.id")
      .where("vouchers.card", "=", event.card)
      .where("vouchers.payee", "=", event.payee)
      .where("vouchers.amount_units", "=", event.units)
      .where("vouchers.state", "=", "final")
      .orderBy("vouchers.counter")
      .limit(1)
      .executeTakeFirst();
    if (cancelled === undefined) return;
    await this.trx.updateTable("vouchers").set({ state: "refunded" }).where("id", "=", cancelled.id).execute();
  }

  private async deposited(card: Uint8Array, units: bigint): Promise<void> {
    await this.trx
      .updateTable("cards")
      .set((update) => ({ deposits_units: update("deposits_units", "+", units) }))
      .where("card", "=", card)
      .execute();
    const waiting = await this.trx
      .updateTable("vouchers")
      .set({ attempts: 0 })
      .where("card", "=", card)
      .where("state", "=", "skipped")
      .returning("id")
      .execute();
    for (const { id } of waiting) await enqueue(this.trx, "compensate", toHex(id).slice(2), this.now);
  }

  private async updateCard(
    card: Uint8Array,
    change: {
      opened_block?: bigint;
      withdrawal_seen?: boolean;
      flagged?: boolean;
      status?: number;
      renewal_due?: boolean;
    },
  ): Promise<void> {
    await this.trx.updateTable("cards").set(change).where("card", "=", card).execute();
  }

  private async raiseHighestCounter(card: Uint8Array, counter: bigint): Promise<void> {
    await this.trx
      .updateTable("cards")
      .set({ highest_counter: counter })
      .where("card", "=", card)
      .where("highest_counter", "<", counter)
      .execute();
  }
}

function highestCounters(items: readonly SettledItem[]): readonly (readonly [Uint8Array, bigint])[] {
  const highest = new Map<string, readonly [Uint8Array, bigint]>();
  for (const { card, counter } of items) {
    const name = toHex(card);
    const known = highest.get(name);
    if (known === undefined || known[1] < counter) highest.set(name, [card, counter]);
  }
  return [...highest.values()];
}
