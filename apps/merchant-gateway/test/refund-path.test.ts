import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { addressOfKey, toHex } from "@tallystick/protocol";
import { feePolicy } from "@tallystick/evm";
import { OrderingSettlement, unknownState } from "./harness/ordering-settlement.ts";
import { FUNDED, RefundHarness, type Sale, SALE_PRICE } from "./harness/refund-harness.ts";
import { Killed, codeOfRejection } from "./harness/codes.ts";

let harness: RefundHarness;

beforeAll(async () => {
  harness = await RefundHarness.start();
});
afterEach(() => harness.clear());
afterAll(() => harness.chain.stop());

/** A settlement that knows one thing: what it says of every voucher. */
async function withSettlement(
  answer: Partial<typeof unknownState>,
  work: (url: string, settlement: OrderingSettlement) => Promise<void>,
): Promise<void> {
  const settlement = new OrderingSettlement();
  settlement.state = { ...unknownState, ...answer };
  const url = await settlement.start();
  try {
    await work(url, settlement);
  } finally {
    await settlement.stop();
  }
}

/** Settlement has answered an upload of this run, so that it can be asked. */
function answerLive({ terminal }: Sale): void {
  terminal.gateway.journal.write(() => terminal.clock.takeLiveAnswer({ time: terminal.now, uploadSeq: 1 }));
}

describe("a payment that was given back without this terminal", () => {
  it("is given back for what is left alone, by what settlement shows", async () => {
    const refunds = [{ amount: "1.50", tx: `0x${"ab".repeat(32)}` }];
    const answer = { state: "final", batch: "1", tx: null, refunds };
    await withSettlement(answer, async (url) => {
      const sale = await harness.sell({}, url);
      await harness.settle(sale, false);
      harness.take(sale);
      answerLive(sale);
      expect(await codeOfRejection(harness.refund(sale, "whole", SALE_PRICE))).toBe("REFUND_ABOVE_PAYMENT");
      expect(await harness.refund(sale, "rest")).toMatchObject({ amount: SALE_PRICE - 1_500_000n, state: "refunding" });
      expect(await harness.finish(sale, "rest")).toMatchObject({ state: "refunded" });
      expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - 1_500_000n);
    });
  });

  it("is not given back where nothing is left, and its own refunds are not counted twice", async () => {
    const answer = {
      state: "refunded",
      batch: "1",
      tx: null,
      refunds: [{ amount: "4.00", tx: `0x${"1b".repeat(32)}` }],
    };
    await withSettlement(answer, async (url) => {
      const sale = await harness.sell({}, url);
      await harness.settle(sale, false);
      harness.take(sale);
      answerLive(sale);
      expect(await codeOfRejection(harness.refund(sale, "r1", 1n))).toBe("ALREADY_REFUNDED");
      expect(sale.terminal.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
    });
    const own = { state: "final", batch: "1", tx: null, refunds: [{ amount: "1.00", tx: `0x${"1c".repeat(32)}` }] };
    await withSettlement(own, async (url, settlement) => {
      const sale = await harness.sell({}, url);
      await harness.settle(sale, false);
      harness.take(sale);
      answerLive(sale);
      settlement.state = { ...settlement.state, refunds: [] };
      const { tx } = await harness.refund(sale, "first", 1_000_000n);
      settlement.state = { ...settlement.state, refunds: [{ amount: "1.00", tx: tx ?? "" }] };
      await harness.finish(sale, "first");
      expect(await harness.refund(sale, "rest")).toMatchObject({ amount: SALE_PRICE - 1_000_000n });
    });
  });
});

describe("what the terminal knows of a card", () => {
  it("is read again as soon as value is back behind it", async () => {
    const watched = { chain: { rpcUrl: harness.chain.anvil.rpc, startBlock: harness.chain.block } };
    const sale = await harness.sell();
    const { terminal } = sale;
    Object.assign(terminal.config.domains[0] ?? {}, watched);
    await harness.settle(sale, false);
    await sale.card.allow({ ...sale.card.body, seq: sale.card.body.seq + 1, maxSpent: FUNDED });
    const address = toHex(addressOfKey(sale.card.signer.publicKey));
    await harness.chain.send(harness.chain.payer, "vault", "requestWithdrawal", address, SALE_PRICE);
    await terminal.gateway.chainWatch.passAll();
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED" });
    await harness.refund(sale, "r1");
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    // The refund put behind the card what its owner asks back.
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
  });
});

describe("a payment that the terminal has reversed", () => {
  it("is returned by the terminal itself where it holds the payee's key, once", async () => {
    const sale = await harness.sell();
    sale.terminal.gateway.engine.reverse(sale.tapId);
    await sale.terminal.gateway.refunds.advance();
    expect(await harness.finish(sale, "reversal")).toMatchObject({ state: "refunded", amount: SALE_PRICE });
    expect(await harness.chain.read("vault", "isUsed", toHex(addressOfKey(sale.card.signer.publicKey)), 1)).toBe(true);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
    await sale.terminal.gateway.refunds.advance();
    expect(sale.terminal.gateway.journal.refunds.ofTap(sale.tapId)).toHaveLength(1);
  });

  it("is left to a person where the configured key is another's", async () => {
    const access = { rpcUrl: harness.chain.anvil.rpc, keyFile: harness.chain.keyFile(2), fees: feePolicy() };
    const sale = await harness.sell({ claim: access });
    sale.terminal.gateway.engine.reverse(sale.tapId);
    expect(await sale.terminal.gateway.refunds.advance()).toEqual([]);
    expect(sale.terminal.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
  });
});

describe("a transaction whose place was taken", () => {
  it("is made again, once that is final, and returns value once", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, false);
    const { terminal } = sale;
    // The terminal is killed after it has signed: nothing was sent, and the merchant uses the nonce
    // for something else.
    terminal.openVaultChain = () => harness.openKilled(1);
    terminal.restart();
    await expect(harness.refund(sale, "r1")).rejects.toBeInstanceOf(Killed);
    const signed = terminal.gateway.journal.refunds.byId(sale.tapId, "r1");
    terminal.openVaultChain = null;
    terminal.restart();
    await harness.chain.send(harness.chain.merchant, "token", "approve", harness.chain.payer.address, 0n);
    await terminal.gateway.refunds.advance();
    expect(terminal.gateway.journal.refunds.byId(sale.tapId, "r1")).toMatchObject({
      code: "WAITING_FOR_CHAIN",
      tx: signed?.tx,
    });
    const ended = await harness.finish(sale, "r1");
    expect(ended).toMatchObject({ state: "refunded" });
    expect(ended.tx).not.toBe(signed?.tx);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});

describe("a refund that is stuck at too low a fee", () => {
  it("is replaced under its nonce, given back once, and shows the transaction that was mined", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, false);
    const { terminal } = sale;
    const before = await harness.chain.provider.getTransactionCount(harness.chain.merchant.address);
    await harness.chain.provider.send("evm_setAutomine", [false]);
    try {
      const begun = await harness.refund(sale, "r1");
      // The network becomes dearer before the first block.
      await harness.chain.provider.send("anvil_setNextBlockBaseFeePerGas", [`0x${(5n * 10n ** 9n).toString(16)}`]);
      await harness.chain.provider.send("evm_mine", []);
      // This node does not even keep it; others keep it and leave it waiting.
      const stuck = await harness.refund(sale, "r1");
      expect(stuck).toMatchObject({ code: "NODE_REFUSED", tx: begun.tx, block: null });
      expect(stuck.detail).toEqual(expect.any(String));
      // Killed between the signing of the replacement and its sending.
      terminal.now += feePolicy().replaceAfterMs / 1_000;
      terminal.openVaultChain = () => harness.openKilled(1);
      terminal.restart();
      await expect(harness.refund(sale, "r1")).rejects.toBeInstanceOf(Killed);
      terminal.openVaultChain = null;
      terminal.restart();
      const replaced = await harness.refund(sale, "r1");
      expect(replaced.code).toBe("WAITING_FOR_CHAIN");
      expect(replaced.tx).not.toBe(begun.tx);
      await harness.chain.finalize();
      await harness.refund(sale, "r1");
      const ended = await harness.finish(sale, "r1");
      expect(ended).toMatchObject({ state: "refunded", tx: replaced.tx });
    } finally {
      await harness.chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await harness.chain.provider.getTransactionCount(harness.chain.merchant.address)).toBe(before + 1);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("waits where the chain asks more than the terminal may offer", async () => {
    const access = {
      rpcUrl: harness.chain.anvil.rpc,
      keyFile: harness.chain.keyFile(1),
      fees: { replaceAfterMs: 1_000, maxFee: 1n },
    };
    const sale = await harness.sell({ claim: access });
    await harness.settle(sale, false);
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "refunding", code: "FEES_TOO_HIGH", tx: null });
    expect(sale.terminal.gateway.journal.chainCalls.ofRefund({ tapId: sale.tapId, refundId: "r1" })).toBeNull();
  });
});
