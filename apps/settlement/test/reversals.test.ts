import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { VoucherBundle } from "@tallystick/protocol";
import { BatchBuilder } from "../src/vouchers/batches/batch-builder.ts";
import { ChainSender } from "../src/chain/chain-sender.ts";
import { ChainWatcher } from "../src/vouchers/chain-events/chain-watcher.ts";
import { GiveBackWorld } from "./harness/return-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import { certifiedTerminal, eventually, fundedCard, type TestService } from "./harness/settlement-harness.ts";

describe.each(["ReferenceVault", "PackedVault"])("cancellations through %s", (vault) => {
  let shopping: GiveBackWorld;
  /** The same database without workers: nothing happens there but what a test does. */
  let still: TestService;

  beforeAll(async () => {
    shopping = await GiveBackWorld.create(vault);
    const { world, service } = shopping;
    still = await world.start(service.platform.config.databaseUrl, { roles: ["api"] });
  });
  afterAll(async () => {
    await still.stop();
    await shopping.stop();
  });

  const funded = () => fundedCard(shopping.world, shopping.service, "10.00");
  const raisedTo = (card: Parameters<GiveBackWorld["allowance"]>[0], maxSpent: bigint) =>
    eventually(
      () => shopping.allowance(card),
      (allowance) => allowance.maxSpent === maxSpent,
    );

  it("does not batch a voucher whose cancellation comes with it, and counts its release when that is final", async () => {
    const card = await funded();
    const torn = await shopping.pay(card, 2_000_000n);
    await shopping.send({ vouchers: [torn], cancellations: [shopping.cancellation(torn)] });
    expect(await shopping.view(torn)).toMatchObject({
      state: "cancelled",
      cancelled: true,
      owes: "release",
      batch: null,
    });
    const { cancellations } = await shopping.giveBacks();
    expect(cancellations[0]).toMatchObject({ voucher: { voucherId: idOf(torn), amount: "2.00", owes: "release" } });
    expect((await shopping.service.call("GET", "/")).body).toContain("the payee releases it");
    await shopping.service.app.get(BatchBuilder).pass();
    await shopping.overTheBoundary(card, () => shopping.release(torn), "released");
    const seen = await shopping.becomes(torn, { state: "released" });
    expect(seen).toMatchObject({ owes: null, batch: null, tx: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
    // The card has spent 2.00 for nothing: it may come to 12.00 in its own count, and 10.00 are there to pay for it.
    await raisedTo(card, 12_000_000n);
    await shopping.balanced();
  });

  it("cancels a voucher that came before its cancellation and was not batched yet", async () => {
    const { db } = shopping.service.platform;
    const card = await funded();
    const torn = await shopping.pay(card, 1_000_000n);
    await shopping.send({ vouchers: [torn], cancellations: [shopping.cancellation(torn)] });
    // As two uploads leave it that meet: neither of them saw the other.
    await db.updateTable("vouchers").set({ state: "received" }).where("id", "=", idBytes(torn)).execute();
    await shopping.becomes(torn, { state: "cancelled" });
    expect((await shopping.view(torn)).batch).toBeNull();
    await shopping.balanced();
  });

  it("shows a cancelled voucher that was paid as one to refund, and as refunded afterwards", async () => {
    const card = await funded();
    const sale = await shopping.paid(card, 3_000_000n);
    await shopping.send({ cancellations: [shopping.cancellation(sale)] });
    expect(await shopping.view(sale)).toMatchObject({ state: "final", cancelled: true, owes: "refund" });
    expect((await shopping.service.call("GET", "/")).body).toContain("the payee refunds it");
    // It takes an unnamed refund before a newer payment does.
    await shopping.paid(card, 500_000n);
    await shopping.refund(card, 3_000_000n);
    expect(await shopping.becomes(sale, { state: "refunded" })).toMatchObject({ owes: null, refunded: "3.00" });
    await raisedTo(card, 13_000_000n);
    await shopping.balanced();
  });

  it("bears nothing for a fork's loser that its terminal cancelled", async () => {
    const { service, world } = shopping;
    const card = await funded();
    const clone = card.clone();
    const other = await certifiedTerminal(world, service);
    const first = await clone.pay({ payee: other.payee, amount: 400_000n, terminalId: other.terminalId });
    await service.call("POST", "/v1/uploads", { body: await other.upload({ vouchers: [first] }) });
    const loser = await shopping.pay(card, 1_000_000n);
    await shopping.send({ vouchers: [loser], cancellations: [shopping.cancellation(loser)] });
    await shopping.becomes(first, { state: "final" });
    expect(await shopping.view(loser)).toMatchObject({ state: "cancelled", cancelled: true });
    const { db } = service.platform;
    expect(await db.selectFrom("compensations").selectAll().where("voucher_id", "=", idBytes(loser)).execute()).toEqual(
      [],
    );
    await shopping.balanced();
  });

  describe("after batching and before mining", () => {
    let card: TestCard;

    beforeAll(async () => {
      card = await funded();
      await shopping.service.stop();
      // Batches are simulated on what a watcher has recorded.
      await still.app.get(ChainWatcher).pass();
    });

    /** Cancels a voucher of a batch that is planned and that nobody has sent; answers it and its batch. */
    async function cancelledInBatch(amount: bigint) {
      const sale = await shopping.pay(card, amount);
      await shopping.send({ vouchers: [sale] }, still);
      const { batch } = await until(sale, "batched", () => still.app.get(BatchBuilder).pass());
      await shopping.send({ cancellations: [shopping.cancellation(sale)] }, still);
      expect(await shopping.view(sale, still)).toMatchObject({ state: "batched", cancelled: true, owes: null });
      expect((await still.call("GET", "/")).body).toContain("its batch decides");
      return { sale, batch };
    }
    async function until(sale: VoucherBundle, state: string, work: () => Promise<void>) {
      return eventually(
        async () => {
          await work();
          return shopping.view(sale, still);
        },
        (seen) => seen.state === state,
      );
    }
    async function chainMoves(): Promise<void> {
      await still.app.get(ChainSender).pass();
      await still.app.get(ChainWatcher).pass();
    }
    const report = () => still.call("GET", "/v1/reconciliation").then(({ body }) => body);
    const settled = { acceptedUnpaid: "0.00", ledgerDifference: "0" };

    it("is paid by its batch, and then refunded", async () => {
      const { sale } = await cancelledInBatch(1_000_000n);
      expect(await until(sale, "final", chainMoves)).toMatchObject({ cancelled: true, owes: "refund" });
      await shopping.refund(card, 1_000_000n);
      expect(await until(sale, "refunded", chainMoves)).toMatchObject({ owes: null, refunded: "1.00" });
      expect(await report()).toMatchObject(settled);
    });

    it("is released before its batch is sent, which then skips it", async () => {
      const { sale, batch } = await cancelledInBatch(600_000n);
      await shopping.release(sale);
      await until(sale, "released", chainMoves);
      const ended = await eventually(
        async () => {
          await chainMoves();
          return still.call("GET", `/v1/batches/${batch}`);
        },
        ({ body }) => body.state === "final",
      );
      expect(ended.body).toMatchObject({ paid: 0, skipped: 1 });
      expect((await shopping.view(sale, still)).state).toBe("released");
      expect(await report()).toMatchObject(settled);
    });

    it("is cancelled, and not batched again, when its batch fails", async () => {
      const { db } = still.platform;
      const { sale, batch } = await cancelledInBatch(700_000n);
      await db
        .updateTable("chain_actions")
        .set({ state: "refused", failure: "SIMULATION: as a node would refuse it" })
        .where("key", "=", `settle:${batch}`)
        .execute();
      const before = await db.selectFrom("batches").select("id").execute();
      await still.app.get(BatchBuilder).pass();
      expect(await shopping.view(sale, still)).toMatchObject({ state: "cancelled", owes: "release" });
      expect(await db.selectFrom("batches").select("id").execute()).toHaveLength(before.length);
      expect(await report()).toMatchObject(settled);
    });
  });
});

function idBytes(bundle: VoucherBundle): Uint8Array {
  return Buffer.from(idOf(bundle).slice(2), "hex");
}
