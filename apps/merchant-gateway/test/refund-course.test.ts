import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { addressOfKey, toHex } from "@tallystick/protocol";
import { feePolicy } from "../src/config/fee-policy.ts";
import { FUNDED, RefundShop, SALE_PRICE } from "./harness/refund-harness.ts";
import { codeOfRejection } from "./harness/terminal-suite.ts";

let shop: RefundShop;

beforeAll(async () => {
  shop = await RefundShop.start();
});
afterEach(() => shop.clear());
afterAll(() => shop.chain.stop());

/** A settlement that knows one thing: what it says of every voucher. */
async function withSettlement(answer: object, work: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("a payment that was given back without this till", () => {
  it("is given back for what is left alone, by what settlement shows", async () => {
    const refunds = [{ amount: "1.50", tx: `0x${"ab".repeat(32)}` }];
    const answer = { state: "final", batch: "1", tx: null, refunds };
    await withSettlement(answer, async (url) => {
      const sale = await shop.sell({}, url);
      await shop.settle(sale, false);
      shop.take(sale);
      expect(await codeOfRejection(shop.refund(sale, "whole", SALE_PRICE))).toBe("REFUND_ABOVE_PAYMENT");
      expect(await shop.refund(sale, "rest")).toMatchObject({ amount: SALE_PRICE - 1_500_000n, state: "refunding" });
      expect(await shop.finish(sale, "rest")).toMatchObject({ state: "refunded" });
      expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED - 1_500_000n);
    });
  });

  it("is not given back where nothing is left, and its own refunds are not counted twice", async () => {
    const answer = { state: "refunded", batch: "1", tx: null, refunds: [{ amount: "4.00", tx: "0x1" }] };
    await withSettlement(answer, async (url) => {
      const sale = await shop.sell({}, url);
      await shop.settle(sale, false);
      shop.take(sale);
      expect(await codeOfRejection(shop.refund(sale, "r1", 1n))).toBe("ALREADY_REFUNDED");
      expect(sale.till.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
    });
    const own = { state: "final", batch: "1", tx: null, refunds: [{ amount: "1.00", tx: "" }] };
    await withSettlement(own, async (url) => {
      const sale = await shop.sell({}, url);
      await shop.settle(sale, false);
      shop.take(sale);
      own.refunds = [{ amount: "1.00", tx: (await shop.refund(sale, "first", 1_000_000n)).tx ?? "" }];
      await shop.finish(sale, "first");
      expect(await shop.refund(sale, "rest")).toMatchObject({ amount: SALE_PRICE - 1_000_000n });
    });
  });
});

describe("what the till knows of a card", () => {
  it("is read anew as soon as value is back behind it", async () => {
    const watched = { chain: { rpcUrl: shop.chain.anvil.rpc, startBlock: shop.chain.block } };
    const sale = await shop.sell();
    const { till } = sale;
    Object.assign(till.config.domains[0] ?? {}, watched);
    await shop.settle(sale, false);
    await sale.card.allow({ ...sale.card.body, seq: sale.card.body.seq + 1, maxSpent: FUNDED });
    const address = toHex(addressOfKey(sale.card.signer.publicKey));
    await shop.chain.send(shop.chain.payer, "vault", "requestWithdrawal", address, SALE_PRICE);
    await till.gateway.chainWatch.passAll();
    expect(await till.tap(1n)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED" });
    await shop.refund(sale, "r1");
    expect(await shop.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    // The refund put behind the card what its owner asks back.
    expect(await till.tap(1n)).toMatchObject({ outcome: "accepted" });
  });
});

describe("a payment that the till has cancelled", () => {
  it("is given up by the till itself where it holds the payee's key, once", async () => {
    const sale = await shop.sell();
    sale.till.gateway.engine.cancel(sale.tapId);
    await sale.till.gateway.refunds.advance();
    expect(await shop.finish(sale, "cancelled")).toMatchObject({ state: "refunded", amount: SALE_PRICE });
    expect(await shop.chain.read("vault", "isUsed", toHex(addressOfKey(sale.card.signer.publicKey)), 1)).toBe(true);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
    await sale.till.gateway.refunds.advance();
    expect(sale.till.gateway.journal.refunds.ofTap(sale.tapId)).toHaveLength(1);
  });

  it("is left to a person where the configured key is another's", async () => {
    const access = { rpc: shop.chain.anvil.rpc, keyFile: shop.chain.keyFile(2), fees: feePolicy() };
    const sale = await shop.sell({ claim: access });
    sale.till.gateway.engine.cancel(sale.tapId);
    expect(await sale.till.gateway.refunds.advance()).toEqual([]);
    expect(sale.till.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
  });
});

describe("a transaction whose place was taken", () => {
  it("is made anew, once that is final, and gives back once", async () => {
    const sale = await shop.sell();
    await shop.settle(sale, false);
    const { till } = sale;
    // The till is killed after it has signed: nothing was sent, and the shop uses the nonce for something else.
    till.openVaultChain = () => Promise.resolve({ ...shop.open(1), send: () => Promise.reject(new Error("killed")) });
    till.restart();
    await expect(shop.refund(sale, "r1")).rejects.toThrow("killed");
    const signed = till.gateway.journal.refunds.byId(sale.tapId, "r1");
    till.openVaultChain = null;
    till.restart();
    await shop.chain.send(shop.chain.shop, "token", "approve", shop.chain.payer.address, 0n);
    await till.gateway.refunds.advance();
    expect(till.gateway.journal.refunds.byId(sale.tapId, "r1")).toMatchObject({
      code: "WAITING_FOR_CHAIN",
      tx: signed?.tx,
    });
    const ended = await shop.finish(sale, "r1");
    expect(ended).toMatchObject({ state: "refunded" });
    expect(ended.tx).not.toBe(signed?.tx);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});

describe("a refund that is stuck at too low a fee", () => {
  it("is replaced under its nonce, given back once, and shows the transaction that was mined", async () => {
    const sale = await shop.sell();
    await shop.settle(sale, false);
    const { till } = sale;
    const before = await shop.chain.provider.getTransactionCount(shop.chain.shop.address);
    await shop.chain.provider.send("evm_setAutomine", [false]);
    try {
      const begun = await shop.refund(sale, "r1");
      // The network becomes dearer before the first block.
      await shop.chain.provider.send("anvil_setNextBlockBaseFeePerGas", [`0x${(5n * 10n ** 9n).toString(16)}`]);
      await shop.chain.provider.send("evm_mine", []);
      // This node does not even keep it; others keep it and leave it waiting.
      const stuck = await shop.refund(sale, "r1");
      expect(stuck).toMatchObject({ code: "NODE_REFUSED", tx: begun.tx, block: null });
      expect(stuck.detail).toMatch(/fee/);
      // Killed between the signing of the replacement and its sending.
      till.now += feePolicy().replaceAfterSeconds;
      till.openVaultChain = () => Promise.resolve({ ...shop.open(1), send: () => Promise.reject(new Error("killed")) });
      till.restart();
      await expect(shop.refund(sale, "r1")).rejects.toThrow("killed");
      till.openVaultChain = null;
      till.restart();
      const replaced = await shop.refund(sale, "r1");
      expect(replaced.code).toBe("WAITING_FOR_CHAIN");
      expect(replaced.tx).not.toBe(begun.tx);
      await shop.chain.finalize();
      await shop.refund(sale, "r1");
      const ended = await shop.finish(sale, "r1");
      expect(ended).toMatchObject({ state: "refunded", tx: replaced.tx });
    } finally {
      await shop.chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await shop.chain.provider.getTransactionCount(shop.chain.shop.address)).toBe(before + 1);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("waits where the chain asks more than the till may offer", async () => {
    const access = {
      rpc: shop.chain.anvil.rpc,
      keyFile: shop.chain.keyFile(1),
      fees: { replaceAfterSeconds: 1, maxFee: 1n },
    };
    const sale = await shop.sell({ claim: access });
    await shop.settle(sale, false);
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "refunding", code: "FEES_TOO_HIGH", tx: null });
    expect(sale.till.gateway.journal.chainCalls.ofRefund({ tapId: sale.tapId, refundId: "r1" })).toBeNull();
  });
});
