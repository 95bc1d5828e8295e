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

describe("a payment that is on the chain", () => {
  it("is given back whole out of what the vault still owes the shop, once", async () => {
    const sale = await shop.sell();
    await shop.settle(sale, false);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE);
    const begun = await shop.refund(sale, "r1");
    expect(begun).toMatchObject({ state: "refunding", amount: SALE_PRICE, code: "WAITING_FOR_CHAIN" });
    expect(begun.tx).toMatch(/^0x[0-9a-f]{64}$/);
    const ended = await shop.finish(sale, "r1");
    expect(ended).toMatchObject({ state: "refunded", code: null, tx: begun.tx });
    expect(ended.block).toBeGreaterThan(0);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
    expect(await shop.chain.owed()).toBe(0n);

    expect(await shop.refund(sale, "r1")).toEqual(ended);
    expect(await shop.refund(sale, "r1", SALE_PRICE)).toEqual(ended);
    expect(await codeOfRejection(shop.refund(sale, "r1", 1n))).toBe("REFUND_DIFFERS");
    expect(await codeOfRejection(shop.refund(sale, "r2"))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("names its voucher in the transaction, so that settlement can tell which sale it was", async () => {
    const sale = await shop.sell();
    await shop.settle(sale, false);
    const { tx } = await shop.refund(sale, "r1");
    const sent = await shop.chain.provider.getTransaction(tx ?? "");
    expect(sent?.data.endsWith(toHex(sale.voucherId).slice(2))).toBe(true);
  });

  it("is given back in parts, never above the whole", async () => {
    const sale = await shop.sell();
    await shop.settle(sale, false);
    await shop.refund(sale, "first", 1_000_000n);
    await shop.finish(sale, "first");
    expect(await codeOfRejection(shop.refund(sale, "second", 3_000_001n))).toBe("REFUND_ABOVE_PAYMENT");
    await shop.refund(sale, "second", 2_000_000n);
    await shop.finish(sale, "second");
    await shop.refund(sale, "rest");
    expect(await shop.finish(sale, "rest")).toMatchObject({ state: "refunded", amount: 1_000_000n });
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
    expect(await codeOfRejection(shop.refund(sale, "more", 1n))).toBe("REFUND_ABOVE_PAYMENT");
  });

  it("comes out of the shop's account where its earnings were paid out, approved for exactly that", async () => {
    const sale = await shop.sell();
    await shop.settle(sale, true);
    expect(await shop.chain.held()).toBe(SALE_PRICE);
    await shop.refund(sale, "r1", 1_500_000n);
    expect(await shop.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await shop.chain.held()).toBe(SALE_PRICE - 1_500_000n);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE + 1_500_000n);
    const left = await shop.chain.read<bigint>(
      "token",
      "allowance",
      shop.chain.shop.address,
      toHex(shop.chain.domain.vault),
    );
    expect(left).toBe(0n);
  });

  it("is refused where neither earnings nor account hold enough, and can be asked for again later", async () => {
    const sale = await shop.sell();
    await shop.settle(sale, true);
    await shop.chain.send(shop.chain.shop, "token", "transfer", shop.chain.payer.address, 1n);
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "refused", code: "SHORT_OF_FUNDS", tx: null });
    await shop.chain.send(shop.chain.payer, "token", "transfer", shop.chain.shop.address, 1n);
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "refused" });
    await shop.refund(sale, "r2");
    expect(await shop.finish(sale, "r2")).toMatchObject({ state: "refunded" });
  });

  it("is refused where the token blocks the shop's account, but not while the vault owes it enough", async () => {
    const first = await shop.sell();
    await shop.settle(first, true);
    const second = await shop.sell();
    await shop.settle(second, false);
    const unblock = await shop.chain.blockTransfers();
    try {
      await shop.refund(second, "earned");
      expect(await shop.finish(second, "earned")).toMatchObject({ state: "refunded" });
      await shop.refund(first, "blocked");
      expect(await shop.finish(first, "blocked")).toMatchObject({ state: "refused", code: "REFUSED_BY_VAULT" });
    } finally {
      await unblock();
    }
    await shop.refund(first, "again");
    expect(await shop.finish(first, "again")).toMatchObject({ state: "refunded" });
  });

  it("goes on when its transaction was undone because the earnings were paid out meanwhile", async () => {
    const sale = await shop.sell();
    await shop.settle(sale, false);
    await shop.chain.provider.send("evm_setAutomine", [false]);
    try {
      await shop.refund(sale, "r1");
      // A dearer transaction of somebody else stands before the refund in the same block.
      const data = "0x51cff8d9" + "00".repeat(12) + shop.chain.shop.address.slice(2);
      await shop.chain.payer.sendTransaction({
        to: toHex(shop.chain.domain.vault),
        data,
        gasLimit: 200_000,
        maxFeePerGas: 10n ** 11n,
        maxPriorityFeePerGas: 5n * 10n ** 10n,
        nonce: await shop.chain.provider.getTransactionCount(shop.chain.payer.address),
      });
      await shop.chain.finalize();
    } finally {
      await shop.chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await shop.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(sale.till.gateway.journal.chainCalls.failures({ tapId: sale.tapId, refundId: "r1" })).toBe(1);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});

describe("a payment that is not on the chain", () => {
  it("is taken back before it was sent, and given up once settlement has it", async () => {
    const sale = await shop.sell({}, "http://127.0.0.1:1");
    expect(await codeOfRejection(shop.refund(sale, "part", 1n))).toBe("REFUND_WHOLE_ONLY");
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "cancelled", tx: null });
    expect(sale.till.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    await sale.till.gateway.refunds.advance();
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "cancelled", code: "WAITING_FOR_UPLOAD" });
    shop.take(sale, "cancelled");
    expect(await shop.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await shop.chain.read("vault", "isUsed", toHex(addressOfKey(sale.card.signer.publicKey)), 1)).toBe(true);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("needs no chain before it was sent, and says what to configure afterwards", async () => {
    const unsent = await shop.sell({ claim: null });
    expect(await shop.refund(unsent, "r1")).toMatchObject({ state: "cancelled" });
    const sent = await shop.sell({ claim: null });
    shop.take(sent, "received");
    expect(await codeOfRejection(shop.refund(sent, "r1"))).toBe("CHAIN_NOT_CONFIGURED");
    expect(sent.till.gateway.journal.reversals.has(sent.tapId)).toBe(false);
    expect(sent.till.gateway.journal.refunds.ofTap(sent.tapId)).toEqual([]);
  });

  it("is given up at once where settlement has it and has not batched it", async () => {
    const sale = await shop.sell();
    shop.take(sale, "received");
    expect(await codeOfRejection(shop.refund(sale, "part", 1n))).toBe("REFUND_WHOLE_ONLY");
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN" });
    expect(sale.till.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    expect(await shop.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    await shop.settle(sale, false);
    expect(await shop.chain.owed()).toBe(0n);
  });

  it("is refunded where a batch was quicker than the word that nothing was given", async () => {
    const sale = await shop.sell();
    shop.take(sale, "batched");
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_BATCH" });
    const { journal } = sale.till.gateway;
    // Settlement's batch: the same payload that a claim would send, though the till has cancelled.
    const record = journal.vouchers.byId(sale.voucherId);
    if (record === null) throw new Error("the voucher is gone");
    const asIfNotCancelled = {
      ...journal,
      write: journal.write.bind(journal),
      vouchers: Object.create(journal.vouchers) as typeof journal.vouchers,
    };
    Object.assign(asIfNotCancelled.vouchers, { notFinal: () => [{ ...record, cancelled: false }] });
    await shop.settleWith(asIfNotCancelled as unknown as typeof journal, sale, false);
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE);
    expect(await shop.finish(sale, "r1")).toMatchObject({ state: "refunded", amount: SALE_PRICE });
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("is not refunded where another payment has used its number", async () => {
    const sale = await shop.sell();
    const twin = await sale.card.copy();
    shop.take(sale, "received");
    const { till: other } = await shop.chain.makeTill();
    shop.keep(other);
    // The copy pays first what the vault knows of the counter: another voucher with the same number.
    twin.counter = 0;
    twin.spent = 0n;
    Object.assign(twin, { head: new Uint8Array(32), ring: [] });
    other.reader.card = twin;
    const paid = await other.tap(SALE_PRICE - 1n);
    expect(paid).toMatchObject({ outcome: "accepted", counter: 1 });
    const [served] = other.config.domains;
    if (served === undefined || paid.voucherId === null) throw new Error("the other till has no sale");
    await shop.settle({ till: other, served, card: twin, tapId: paid.id, voucherId: paid.voucherId }, false);
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR", tx: null });
    await sale.till.gateway.refunds.advance();
    expect(await shop.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR", tx: null });
  });
});

describe("who may give back", () => {
  it("is the payee alone", async () => {
    const sale = await shop.sell({
      claim: { rpc: shop.chain.anvil.rpc, keyFile: shop.chain.keyFile(2), fees: feePolicy() },
    });
    await shop.settle(sale, false);
    expect(await codeOfRejection(shop.refund(sale, "r1"))).toBe("NOT_PAYEE_KEY");
    expect(sale.till.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
  });

  it("needs a key file that is there", async () => {
    const sale = await shop.sell({
      claim: { rpc: shop.chain.anvil.rpc, keyFile: "/nowhere/key.json", fees: feePolicy() },
    });
    await shop.settle(sale, false);
    expect(await codeOfRejection(shop.refund(sale, "r1"))).toBe("PAYING_KEY_UNREADABLE");
  });

  it("is asked to wait where the node is away, and the refund goes on by itself", async () => {
    const sale = await shop.sell();
    shop.take(sale, "final");
    const { journal } = sale.till.gateway;
    await shop.settle(sale, false);
    const voucher = journal.vouchers.byId(sale.voucherId);
    journal.write(() => {
      journal.vouchers.follow(sale.voucherId, { state: "final", batch: null, tx: voucher?.tx ?? null, final: true }, 1);
    });
    await shop.chain.anvil.pause();
    try {
      expect(await shop.refund(sale, "r1")).toMatchObject({ state: "refunding", code: "RPC_UNREACHABLE", tx: null });
      expect(await sale.till.gateway.refunds.advance()).toMatchObject([{ code: "RPC_UNREACHABLE" }]);
    } finally {
      await shop.chain.anvil.resume();
    }
    expect(await shop.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await shop.chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});
