import { feePolicy } from "@tallystick/evm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { addressOfKey, decodeRefundOrder, toHex } from "@tallystick/protocol";
import type { GatewayConfig } from "../src/config/gateway-config.ts";
import type { RefundRecord } from "../src/journal/payments/refund-store.ts";
import { Killed } from "./harness/codes.ts";
import { OrderingSettlement, unknownState } from "./harness/ordering-settlement.ts";
import { FUNDED, RefundHarness, type Sale, SALE_PRICE } from "./harness/refund-harness.ts";
import { terminalSigner } from "./harness/test-terminal.ts";

let harness: RefundHarness;
const settlements: OrderingSettlement[] = [];

beforeAll(async () => {
  harness = await RefundHarness.start();
});
afterEach(async () => {
  await appoint(0n);
  await harness.clear();
  for (const settlement of settlements.splice(0)) await settlement.stop();
});
afterAll(() => harness.chain.stop());

/** Units a day that all refunds of these tests together stay below. */
const MUCH = 100n * FUNDED;
const delegate = addressOfKey(terminalSigner.publicKey);
/** Account 2 pays the gas; it has no right of any kind. */
const byItself = (): Partial<GatewayConfig> => ({
  refundsBy: "delegate",
  claim: { rpcUrl: harness.chain.anvil.rpc, keyFile: harness.chain.keyFile(2), fees: feePolicy() },
});
const bySettlement: Partial<GatewayConfig> = { refundsBy: "delegate", claim: null };

async function appoint(unitsPerDay: bigint): Promise<void> {
  await harness.chain.send(harness.chain.merchant, "vault", "setDelegate", toHex(delegate), unitsPerDay);
}

/** The terminal's clock shows the chain's time from now on. */
async function meetChain({ terminal }: Sale): Promise<void> {
  terminal.now = (await harness.chain.provider.getBlock("latest"))?.timestamp ?? 0;
}

async function pass(sale: Sale, seconds: number): Promise<void> {
  await harness.chain.provider.send("evm_increaseTime", [seconds]);
  await harness.chain.finalize();
  await meetChain(sale);
}

/** A paid sale at a terminal that is its payee's delegate and sends by itself. */
async function paidSale(changes: Partial<GatewayConfig> = byItself()): Promise<Sale> {
  const sale = await harness.sell(changes);
  await harness.settle(sale, false);
  await meetChain(sale);
  return sale;
}

const refundOf = ({ terminal, tapId }: Sale, refundId: string): RefundRecord | null =>
  terminal.gateway.journal.refunds.byId(tapId, refundId);
const openOrder = ({ terminal, tapId }: Sale) => terminal.gateway.journal.returnOrders.open(tapId);
const returned = (sale: Sale): Promise<bigint> =>
  harness.chain.read<bigint>("vault", "returned", toHex(sale.voucherId));

describe("a terminal that is its payee's delegate, with an account that pays gas", () => {
  it("gives back in parts without the payee's key, and its totals grow", async () => {
    await appoint(MUCH);
    const sale = await paidSale();
    const nonce = await harness.chain.provider.getTransactionCount(harness.chain.merchant.address);
    expect(await harness.refund(sale, "first", 1_000_000n)).toMatchObject({
      state: "refunding",
      code: "WAITING_FOR_CHAIN",
    });
    expect(openOrder(sale)).toMatchObject({ kind: "refund", total: 1_000_000n });
    // A second one follows the first, whose end is not known yet.
    expect(await harness.refund(sale, "second", 500_000n)).toMatchObject({ code: "WAITING_FOR_ORDER", tx: null });
    expect(await harness.finish(sale, "first")).toMatchObject({ state: "refunded", tx: expect.stringMatching(/^0x/) });
    expect(await harness.finish(sale, "second")).toMatchObject({ state: "refunded" });
    expect(await returned(sale)).toBe(1_500_000n);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE + 1_500_000n);
    expect(await harness.refund(sale, "rest")).toMatchObject({ amount: SALE_PRICE - 1_500_000n });
    expect(await harness.finish(sale, "rest")).toMatchObject({ state: "refunded" });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
    expect(await harness.chain.provider.getTransactionCount(harness.chain.merchant.address)).toBe(nonce);
  });

  it("releases what is not paid, and its value is behind the card", async () => {
    await appoint(MUCH);
    const sale = await harness.sell(byItself());
    harness.take(sale, "received");
    await meetChain(sale);
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN" });
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await returned(sale)).toBe(SALE_PRICE);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("signs nothing before it is a delegate, nor above its day, and goes on when it may", async () => {
    const sale = await paidSale();
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "refunding", code: "NOT_DELEGATE" });
    const { used } = await harness.chain.read<{ readonly used: bigint }>(
      ...(["vault", "delegate", harness.chain.merchant.address, toHex(delegate)] as const),
    );
    await appoint(used + SALE_PRICE - 1n);
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "refunding", code: "OVER_DAY_LIMIT" });
    expect(openOrder(sale)).toBeNull();
    await appoint(used + SALE_PRICE);
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("waits for earnings, and takes nothing out of the merchant's account", async () => {
    await appoint(MUCH);
    const sale = await harness.sell(byItself());
    await harness.settle(sale, true);
    await meetChain(sale);
    const held = await harness.chain.held();
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "refunding", code: "SHORT_OF_EARNINGS" });
    const other = await harness.sell(byItself());
    await harness.settle(other, false);
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect([await harness.chain.held(), await harness.chain.owed()]).toEqual([held, 0n]);
  });

  it("sends the same order again after a loss of power, and it moves its units once", async () => {
    await appoint(MUCH);
    const sale = await paidSale();
    const { terminal } = sale;
    terminal.openVaultChain = () => harness.openKilled(2);
    terminal.restart();
    await expect(harness.refund(sale, "r1", 1_000_000n)).rejects.toBeInstanceOf(Killed);
    const signed = openOrder(sale);
    expect(signed).not.toBeNull();
    terminal.openVaultChain = null;
    terminal.restart();
    expect(openOrder(sale)).toEqual(signed);
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await returned(sale)).toBe(1_000_000n);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE + 1_000_000n);
  });

  it("refuses a refund only when final blocks past its deadlines show it not done, three times", async () => {
    await appoint(MUCH);
    const sale = await paidSale();
    await harness.refund(sale, "early", 1_000_000n);
    await harness.finish(sale, "early");
    const totals: bigint[] = [];
    await harness.chain.convict(sale.card);
    expect(await harness.refund(sale, "r1", 1_000_000n)).toMatchObject({
      state: "refunding",
      code: "VAULT_REFUSES",
      detail: "Flagged",
    });
    for (let order = 0; order < 3; order += 1) {
      const open = openOrder(sale);
      if (open === null) throw new Error("there is no order");
      totals.push(decodeRefundOrder(open.object).total);
      // Past its deadline, but in no final block yet.
      await harness.chain.provider.send("evm_increaseTime", [3_601]);
      await harness.chain.provider.send("evm_mine", []);
      await meetChain(sale);
      expect((await harness.refund(sale, "r1")).state).toBe("refunding");
      expect(openOrder(sale)).toEqual(open);
      await pass(sale, 1);
      await harness.refund(sale, "r1");
    }
    expect(totals).toEqual([2_000_000n, 2_000_000n, 2_000_000n]);
    expect(refundOf(sale, "r1")).toMatchObject({ state: "refused", code: "ORDER_EXPIRED" });
    expect(await returned(sale)).toBe(1_000_000n);
    expect(openOrder(sale)).toBeNull();
  });

  it("refunds what a batch paid in spite of its reversal, when a final block shows that", async () => {
    await appoint(MUCH);
    const sale = await harness.sell(byItself());
    harness.take(sale, "batched");
    await meetChain(sale);
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_BATCH" });
    const { journal } = sale.terminal.gateway;
    const record = journal.vouchers.byId(sale.voucherId);
    if (record === null) throw new Error("the voucher is gone");
    const asIfNotReversed = Object.create(journal) as typeof journal;
    const outcomes = Object.create(journal.outcomes) as typeof journal.outcomes;
    Object.assign(outcomes, { notFinal: () => [[{ ...record, reversed: false }]] });
    Object.defineProperty(asIfNotReversed, "outcomes", { value: outcomes });
    await harness.settleWith(asIfNotReversed, sale, false);
    // The batch stands in a block that may still go: a TLYF now could go with a release later.
    await sale.terminal.gateway.refunds.advance();
    expect(openOrder(sale)).toBeNull();
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded", amount: SALE_PRICE });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("returns by itself what it reversed", async () => {
    await appoint(MUCH);
    const sale = await harness.sell(byItself());
    sale.terminal.gateway.engine.reverse(sale.tapId);
    await meetChain(sale);
    await sale.terminal.gateway.refunds.advance();
    expect(await harness.finish(sale, "reversal")).toMatchObject({ state: "refunded", amount: SALE_PRICE });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
    await sale.terminal.gateway.refunds.advance();
    expect(sale.terminal.gateway.journal.refunds.ofTap(sale.tapId)).toHaveLength(1);
  });
});

describe("a terminal that is its payee's delegate, through settlement", () => {
  async function ordered(state: string, settlement = new OrderingSettlement(harness.chain)) {
    settlements.push(settlement);
    const url = await settlement.start();
    const sale = await harness.sell(bySettlement, url);
    harness.take(sale, "received");
    await meetChain(sale);
    settlement.state = { ...unknownState, state, refunded: "0.00" };
    return { settlement, sale };
  }

  function answerLive({ terminal }: Sale): void {
    terminal.gateway.journal.write(() => terminal.clock.takeLiveAnswer({ time: terminal.now, uploadSeq: 1 }));
  }

  /** Polls as time passes, a block or three after each. */
  async function finish(sale: Sale, refundId: string): Promise<RefundRecord | null> {
    for (let step = 0; step < 12; step += 1) {
      const found = refundOf(sale, refundId);
      if (found?.state === "refunded" || found?.state === "refused") return found;
      await pass(sale, 16);
      await sale.terminal.gateway.refunds.advance();
    }
    throw new Error(`refund ${refundId} does not come to its end`);
  }

  it("orders a refund of what settlement reports as paid, once, whatever answers are lost", async () => {
    await appoint(MUCH);
    const { sale, settlement } = await ordered("final");
    await harness.settleWith(sale.terminal.gateway.journal, sale, false);
    answerLive(sale);
    settlement.loseAnswers = 2;
    expect(await harness.refund(sale, "r1", 1_000_000n)).toMatchObject({
      state: "refunding",
      code: "WAITING_FOR_SETTLEMENT",
    });
    sale.terminal.restart();
    answerLive(sale);
    expect(await finish(sale, "r1")).toMatchObject({
      state: "refunded",
      tx: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
    expect([settlement.sentCount, await returned(sale)]).toEqual([1, 1_000_000n]);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE + 1_000_000n);
  });

  it("waits where settlement refuses, refuses nothing by itself, and signs anew after a deadline", async () => {
    await appoint(MUCH);
    const { sale, settlement } = await ordered("final");
    await harness.settleWith(sale.terminal.gateway.journal, sale, false);
    answerLive(sale);
    settlement.refusal = { status: 409, body: { code: "REFUND_ORDER_REFUSED", reason: "NotDelegate" } };
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "refunding", code: "NOT_DELEGATE" });
    const first = openOrder(sale);
    settlement.refusal = { status: 409, body: { code: "REFUND_ORDER_REFUSED", reason: "Expired" } };
    await pass(sale, 3_700);
    await sale.terminal.gateway.refunds.advance();
    expect([refundOf(sale, "r1")?.state, openOrder(sale)]).toEqual(["refunding", null]);
    settlement.refusal = null;
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(openOrder(sale)).toBeNull();
    expect(first).toMatchObject({ total: SALE_PRICE });
    expect([settlement.sentCount, await returned(sale)]).toEqual([1, SALE_PRICE]);
  });

  it("asks nothing before it has a live answer", async () => {
    await appoint(MUCH);
    const { sale, settlement } = await ordered("received");
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_SETTLEMENT" });
    expect(settlement.asked).toEqual([]);
    answerLive(sale);
    await sale.terminal.gateway.refunds.advance();
    expect(settlement.sentCount).toBe(1);
    expect(await harness.chain.read("vault", "isUsed", toHex(addressOfKey(sale.card.signer.publicKey)), 1)).toBe(true);
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});
