import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { addressOfKey, toHex } from "@tallystick/protocol";
import { feePolicy } from "@tallystick/evm";
import { FUNDED, RefundHarness, SALE_PRICE } from "./harness/refund-harness.ts";
import { codeOfRejection } from "./harness/codes.ts";

let harness: RefundHarness;

beforeAll(async () => {
  harness = await RefundHarness.start();
});
afterEach(() => harness.clear());
afterAll(() => harness.chain.stop());

describe("a payment that is on the chain", () => {
  it("is given back whole out of what the vault still owes the merchant, once", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, false);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE);
    const begun = await harness.refund(sale, "r1");
    expect(begun).toMatchObject({ state: "refunding", amount: SALE_PRICE, code: "WAITING_FOR_CHAIN" });
    expect(begun.tx).toMatch(/^0x[0-9a-f]{64}$/);
    const ended = await harness.finish(sale, "r1");
    expect(ended).toMatchObject({ state: "refunded", code: null, tx: begun.tx });
    expect(ended.block).toBeGreaterThan(0);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
    expect(await harness.chain.owed()).toBe(0n);

    expect(await harness.refund(sale, "r1")).toEqual(ended);
    expect(await harness.refund(sale, "r1", SALE_PRICE)).toEqual(ended);
    expect(await codeOfRejection(harness.refund(sale, "r1", 1n))).toBe("REFUND_DIFFERS");
    expect(await codeOfRejection(harness.refund(sale, "r2"))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("names its voucher in the transaction, so that settlement knows which sale it was", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, false);
    const { tx } = await harness.refund(sale, "r1");
    const sent = await harness.chain.provider.getTransaction(tx ?? "");
    expect(sent?.data.endsWith(toHex(sale.voucherId).slice(2))).toBe(true);
  });

  it("is given back in parts, never above the whole", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, false);
    await harness.refund(sale, "first", 1_000_000n);
    await harness.finish(sale, "first");
    expect(await codeOfRejection(harness.refund(sale, "second", 3_000_001n))).toBe("REFUND_ABOVE_PAYMENT");
    await harness.refund(sale, "second", 2_000_000n);
    await harness.finish(sale, "second");
    await harness.refund(sale, "rest");
    expect(await harness.finish(sale, "rest")).toMatchObject({ state: "refunded", amount: 1_000_000n });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
    expect(await codeOfRejection(harness.refund(sale, "more", 1n))).toBe("REFUND_ABOVE_PAYMENT");
  });

  it("comes out of the merchant's account where its earnings were paid out, approved for exactly that", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, true);
    expect(await harness.chain.held()).toBe(SALE_PRICE);
    await harness.refund(sale, "r1", 1_500_000n);
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await harness.chain.held()).toBe(SALE_PRICE - 1_500_000n);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE + 1_500_000n);
    const left = await harness.chain.read<bigint>(
      "token",
      "allowance",
      harness.chain.merchant.address,
      toHex(harness.chain.domain.vault),
    );
    expect(left).toBe(0n);
  });

  it("is refused where neither earnings nor account hold enough, and can be asked for again later", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, true);
    await harness.chain.send(harness.chain.merchant, "token", "transfer", harness.chain.payer.address, 1n);
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "refused", code: "SHORT_OF_FUNDS", tx: null });
    await harness.chain.send(harness.chain.payer, "token", "transfer", harness.chain.merchant.address, 1n);
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "refused" });
    await harness.refund(sale, "r2");
    expect(await harness.finish(sale, "r2")).toMatchObject({ state: "refunded" });
  });

  it("is refused where the token blocks the merchant's account, but not while the vault owes it enough", async () => {
    const first = await harness.sell();
    await harness.settle(first, true);
    const second = await harness.sell();
    await harness.settle(second, false);
    const unblock = await harness.chain.blockTransfers();
    try {
      await harness.refund(second, "earned");
      expect(await harness.finish(second, "earned")).toMatchObject({ state: "refunded" });
      await harness.refund(first, "blocked");
      expect(await harness.finish(first, "blocked")).toMatchObject({ state: "refused", code: "REFUSED_BY_VAULT" });
    } finally {
      await unblock();
    }
    await harness.refund(first, "again");
    expect(await harness.finish(first, "again")).toMatchObject({ state: "refunded" });
  });

  it("goes on when its transaction was undone because the earnings were paid out meanwhile", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, false);
    await harness.chain.provider.send("evm_setAutomine", [false]);
    try {
      await harness.refund(sale, "r1");
      // A dearer transaction of somebody else stands before the refund in the same block.
      const data = "0x51cff8d9" + "00".repeat(12) + harness.chain.merchant.address.slice(2);
      await harness.chain.payer.sendTransaction({
        to: toHex(harness.chain.domain.vault),
        data,
        gasLimit: 200_000,
        maxFeePerGas: 10n ** 11n,
        maxPriorityFeePerGas: 5n * 10n ** 10n,
        nonce: await harness.chain.provider.getTransactionCount(harness.chain.payer.address),
      });
      await harness.chain.finalize();
    } finally {
      await harness.chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(sale.terminal.gateway.journal.chainCalls.failures({ tapId: sale.tapId, refundId: "r1" })).toBe(1);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});

describe("a payment that is not on the chain", () => {
  it("is reversed before it was sent, and released once settlement has it", async () => {
    const sale = await harness.sell({}, "http://127.0.0.1:1");
    expect(await codeOfRejection(harness.refund(sale, "part", 1n))).toBe("REFUND_WHOLE_ONLY");
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "reversed", tx: null });
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    await sale.terminal.gateway.refunds.advance();
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "reversed", code: "WAITING_FOR_UPLOAD" });
    harness.take(sale, "cancelled");
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await harness.chain.read("vault", "isUsed", toHex(addressOfKey(sale.card.signer.publicKey)), 1)).toBe(true);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("needs no chain before it was sent, and says what to configure afterwards", async () => {
    const unsent = await harness.sell({ claim: null });
    expect(await harness.refund(unsent, "r1")).toMatchObject({ state: "reversed" });
    const sent = await harness.sell({ claim: null });
    harness.take(sent, "received");
    expect(await codeOfRejection(harness.refund(sent, "r1"))).toBe("CHAIN_NOT_CONFIGURED");
    expect(sent.terminal.gateway.journal.reversals.has(sent.tapId)).toBe(false);
    expect(sent.terminal.gateway.journal.refunds.ofTap(sent.tapId)).toEqual([]);
  });

  it("is released at once where settlement has it and has not batched it", async () => {
    const sale = await harness.sell();
    harness.take(sale, "received");
    expect(await codeOfRejection(harness.refund(sale, "part", 1n))).toBe("REFUND_WHOLE_ONLY");
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN" });
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    await harness.settle(sale, false);
    expect(await harness.chain.owed()).toBe(0n);
  });

  it("is refunded where a batch was quicker than its reversal", async () => {
    const sale = await harness.sell();
    harness.take(sale, "batched");
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_BATCH" });
    const { journal } = sale.terminal.gateway;
    // Settlement's batch: the same payload that a claim would send, though the terminal has
    // reversed it.
    const record = journal.vouchers.byId(sale.voucherId);
    if (record === null) throw new Error("the voucher is gone");
    const asIfNotReversed = {
      ...journal,
      write: journal.write.bind(journal),
      outcomes: Object.create(journal.outcomes) as typeof journal.outcomes,
    };
    Object.assign(asIfNotReversed.outcomes, { notFinal: () => [[{ ...record, reversed: false }]] });
    await harness.settleWith(asIfNotReversed as unknown as typeof journal, sale, false);
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE);
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded", amount: SALE_PRICE });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("is not refunded where another payment has used its counter", async () => {
    const sale = await harness.sell();
    const twin = await sale.card.copy();
    harness.take(sale, "received");
    const { terminal: other } = await harness.chain.makeTerminal();
    harness.keep(other);
    // The copy pays first what the vault knows of the counter: another voucher with the same
    // number.
    twin.counter = 0;
    twin.spent = 0n;
    Object.assign(twin, { head: new Uint8Array(32), ring: [] });
    other.reader.card = twin;
    const paid = await other.tap(SALE_PRICE - 1n);
    expect(paid).toMatchObject({ outcome: "accepted", counter: 1 });
    const [served] = other.config.domains;
    if (served === undefined || paid.voucherId === null) throw new Error("the other terminal has no sale");
    await harness.settle({ terminal: other, served, card: twin, tapId: paid.id, voucherId: paid.voucherId }, false);
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR", tx: null });
    await sale.terminal.gateway.refunds.advance();
    expect(await harness.refund(sale, "r1")).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR", tx: null });
  });
});

describe("who may return value", () => {
  it("is the payee alone", async () => {
    const sale = await harness.sell({
      claim: { rpcUrl: harness.chain.anvil.rpc, keyFile: harness.chain.keyFile(2), fees: feePolicy() },
    });
    await harness.settle(sale, false);
    expect(await codeOfRejection(harness.refund(sale, "r1"))).toBe("NOT_PAYEE_KEY");
    expect(sale.terminal.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
  });

  it("needs a key file that is there", async () => {
    const sale = await harness.sell({
      claim: { rpcUrl: harness.chain.anvil.rpc, keyFile: "/nowhere/key.json", fees: feePolicy() },
    });
    await harness.settle(sale, false);
    expect(await codeOfRejection(harness.refund(sale, "r1"))).toBe("PAYING_KEY_UNREADABLE");
  });

  it("is asked to wait where the node is away, and the refund goes on by itself", async () => {
    const sale = await harness.sell();
    harness.take(sale, "final");
    const { journal } = sale.terminal.gateway;
    await harness.settle(sale, false);
    const voucher = journal.vouchers.byId(sale.voucherId);
    journal.write(() => {
      const tx = voucher?.claimTx ?? null;
      journal.vouchers.follow(sale.voucherId, { state: "final", batch: null, tx, reported: "final" }, 1);
    });
    await harness.chain.anvil.pause();
    try {
      expect(await harness.refund(sale, "r1")).toMatchObject({ state: "refunding", code: "RPC_UNREACHABLE", tx: null });
      expect(await sale.terminal.gateway.refunds.advance()).toMatchObject([{ code: "RPC_UNREACHABLE" }]);
    } finally {
      await harness.chain.anvil.resume();
    }
    expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});
