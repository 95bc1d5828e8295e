import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { VoucherBundle } from "@tallystick/protocol";
import { ChainSender } from "../src/chain/chain-sender.ts";
import { BatchBuilder } from "../src/vouchers/batches/batch-builder.ts";
import { ChainWatcher } from "../src/vouchers/chain-events/chain-watcher.ts";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { booksBecome } from "./harness/readiness.ts";
import { ReturnHarness } from "./harness/return-harness.ts";
import type { TestService } from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";

describe("reversals", () => {
  let harness: ReturnHarness;
  /** The same database without workers: nothing happens there but what a test does. */
  let still: TestService;

  beforeAll(async () => {
    harness = await ReturnHarness.create("PackedVault");
    const { settlement, service } = harness;
    still = await settlement.start(service.platform.config.databaseUrl, { roles: ["api"] });
  });
  afterAll(async () => {
    await still.stop();
    await harness.stop();
  });

  const funded = () => fundedCard(harness.settlement, harness.service, "10.00");
  const raisedTo = (card: Parameters<ReturnHarness["allowance"]>[0], maxSpent: bigint) =>
    eventually(
      () => harness.allowance(card),
      (allowance) => allowance.maxSpent === maxSpent,
    );

  it("does not batch a voucher whose reversal comes with it, and counts its release when that is final", async () => {
    const card = await funded();
    const torn = await harness.pay(card, 2_000_000n);
    await harness.send({ vouchers: [torn], reversals: [harness.reversal(torn)] });
    expect(await harness.view(torn)).toMatchObject({
      state: "cancelled",
      reversed: true,
      owes: "release",
      batch: null,
    });
    const { reversals } = await harness.listReturns();
    expect(reversals[0]).toMatchObject({ voucher: { voucherId: idOf(torn), amount: "2.00", owes: "release" } });
    expect((await harness.service.call("GET", "/console/returns")).body).toContain("the payee releases it");
    await harness.service.app.get(BatchBuilder).pass();
    await harness.overTheBoundary(card, () => harness.release(torn), "released");
    const seen = await harness.becomes(torn, { state: "released" });
    expect(seen).toMatchObject({ owes: null, batch: null, tx: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
    // The card has spent 2.00 for nothing: it may come to 12.00 in its own count, and 10.00 are
    // there to pay for it.
    await raisedTo(card, 12_000_000n);
    await harness.balanced();
  });

  it("reverses a voucher that came before its reversal and was not batched yet", async () => {
    const { db } = harness.service.platform;
    const card = await funded();
    const torn = await harness.pay(card, 1_000_000n);
    await harness.send({ vouchers: [torn], reversals: [harness.reversal(torn)] });
    // As two uploads leave it that meet: neither of them saw the other.
    await db.updateTable("vouchers").set({ state: "received" }).where("id", "=", idBytes(torn)).execute();
    await harness.becomes(torn, { state: "cancelled" });
    expect((await harness.view(torn)).batch).toBeNull();
    await harness.balanced();
  });

  it("shows a reversed voucher that was paid as one to refund, and as refunded afterwards", async () => {
    const card = await funded();
    const sale = await harness.paid(card, 3_000_000n);
    await harness.send({ reversals: [harness.reversal(sale)] });
    expect(await harness.view(sale)).toMatchObject({ state: "final", reversed: true, owes: "refund" });
    expect((await harness.service.call("GET", "/console/returns")).body).toContain("the payee refunds it");
    // It takes an unnamed refund before a newer payment does.
    await harness.paid(card, 500_000n);
    await harness.refund(card, 3_000_000n);
    expect(await harness.becomes(sale, { state: "refunded" })).toMatchObject({ owes: null, refunded: "3.00" });
    await raisedTo(card, 13_000_000n);
    await harness.balanced();
  });

  it("bears nothing for a fork's loser that its terminal reversed", async () => {
    const { service, settlement } = harness;
    const card = await funded();
    const clone = card.clone();
    const other = await certifiedTerminal(settlement, service);
    const first = await clone.pay({ payee: other.payee, amount: 400_000n, terminalId: other.terminalId });
    await service.call("POST", "/v1/uploads", { body: await other.upload({ vouchers: [first] }) });
    const loser = await harness.pay(card, 1_000_000n);
    await harness.send({ vouchers: [loser], reversals: [harness.reversal(loser)] });
    await harness.becomes(first, { state: "final" });
    expect(await harness.view(loser)).toMatchObject({ state: "cancelled", reversed: true });
    const { db } = service.platform;
    expect(await db.selectFrom("compensations").selectAll().where("voucher_id", "=", idBytes(loser)).execute()).toEqual(
      [],
    );
    await harness.balanced();
  });

  describe("after batching and before mining", () => {
    let card: TestCard;

    beforeAll(async () => {
      card = await funded();
      await harness.service.stop();
      // Batches are simulated on what a watcher has recorded.
      await still.app.get(ChainWatcher).pass();
    });

    /**
     * Reverses a voucher of a batch that is planned and that nobody has sent; answers it and its
     * batch.
     */
    async function reversedInBatch(amount: bigint) {
      const sale = await harness.pay(card, amount);
      await harness.send({ vouchers: [sale] }, still);
      const { batch } = await until(sale, "batched", () => still.app.get(BatchBuilder).pass());
      await harness.send({ reversals: [harness.reversal(sale)] }, still);
      expect(await harness.view(sale, still)).toMatchObject({ state: "batched", reversed: true, owes: null });
      expect((await still.call("GET", "/console/returns")).body).toContain("its batch decides");
      return { sale, batch };
    }
    async function until(sale: VoucherBundle, state: string, work: () => Promise<void>) {
      return eventually(
        async () => {
          await work();
          return harness.view(sale, still);
        },
        (seen) => seen.state === state,
      );
    }
    async function chainMoves(): Promise<void> {
      await still.app.get(ChainSender).pass();
      await still.app.get(ChainWatcher).pass();
    }
    const settled = () => booksBecome(still, { acceptedUnpaid: "0.00" });

    it("is paid by its batch, and then refunded", async () => {
      const { sale } = await reversedInBatch(1_000_000n);
      expect(await until(sale, "final", chainMoves)).toMatchObject({ reversed: true, owes: "refund" });
      await harness.refund(card, 1_000_000n);
      expect(await until(sale, "refunded", chainMoves)).toMatchObject({ owes: null, refunded: "1.00" });
      await settled();
    });

    it("is released before its batch is sent, which then skips it", async () => {
      const { sale, batch } = await reversedInBatch(600_000n);
      await harness.release(sale);
      await until(sale, "released", chainMoves);
      const ended = await eventually(
        async () => {
          await chainMoves();
          return still.call("GET", `/v1/batches/${batch}`);
        },
        ({ body }) => body.state === "final",
      );
      expect(ended.body).toMatchObject({ paid: 0, skipped: 1 });
      expect((await harness.view(sale, still)).state).toBe("released");
      await settled();
    });

    it("is reversed, and not batched again, when its batch fails", async () => {
      const { db } = still.platform;
      const { sale, batch } = await reversedInBatch(700_000n);
      await db
        .updateTable("chain_actions")
        .set({ state: "refused", failure: "SIMULATION: as a node would refuse it" })
        .where("key", "=", `settle:${batch}`)
        .execute();
      const before = await db.selectFrom("batches").select("id").execute();
      await still.app.get(BatchBuilder).pass();
      expect(await harness.view(sale, still)).toMatchObject({ state: "cancelled", owes: "release" });
      expect(await db.selectFrom("batches").select("id").execute()).toHaveLength(before.length);
      await settled();
    });
  });
});

function idBytes(bundle: VoucherBundle): Uint8Array {
  return Buffer.from(idOf(bundle).slice(2), "hex");
}
