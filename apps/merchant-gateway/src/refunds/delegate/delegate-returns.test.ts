import { afterEach, describe, expect, it } from "@jest/globals";
import { decodeRefundOrder, digestOf, type ReturnOrder, verifyDigest } from "@tallystick/protocol";
import type { ReturnOrderAnswer } from "@tallystick/protocol/wire";
import { decodeVaultCall } from "@tallystick/vault";
import { codeOfRejection } from "../../../test/harness/codes.ts";
import { payeeAccess, QUIET_PRICE, QuietSale } from "../../../test/harness/chain/quiet-sale.ts";
import { TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { START, terminalSigner } from "../../../test/harness/test-terminal.ts";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import type { RefundRecord } from "../../journal/payments/refund-store.ts";
import { DAY_SECONDS, MAX_RETURN_ORDERS, RETURN_ORDER_POLL_SECONDS, RETURN_ORDER_SECONDS } from "../../limits.ts";
import { type FollowedVoucher, SettlementError } from "../../sync/settlement-client.ts";
import { MAX_ORDERS_ASKED_AT_ONCE } from "../limits.ts";
import { RefundService } from "../refund-service.ts";

const suite = new TerminalSuite();
const SETTLEMENT = "https://settlement.example";
const today = Math.floor(START / DAY_SECONDS);

afterEach(() => {
  suite.removeAll();
});

/** How a delegate reaches the chain: by an account with ether, by a node that only reads, or by settlement alone. */
type Way = "account" | "node" | "settlement";

/** A terminal that is its payee's delegate, with a sale that settlement has. */
async function make(way: Way, ofDomain: Partial<ServedDomain> = {}) {
  const chain = way === "node" ? { rpcUrl: "http://127.0.0.1:1", startBlock: 0 } : null;
  const served = { settlementUrl: SETTLEMENT, chain: chain as ServedDomain["chain"], ...ofDomain };
  const sale = await QuietSale.make(
    suite,
    { refundsBy: "delegate", claim: way === "account" ? payeeAccess : null },
    served,
  );
  sale.chain.delegate = { perDay: 100n * QUIET_PRICE, used: 0n, day: 0 };
  sale.take("received");
  const orders: ReturnOrder[] = [];
  const settlement = {
    can: true,
    /** What settlement answers to an order; an error is thrown. */
    answer: { id: "1", state: "sent", tx: null } as ReturnOrderAnswer | Error,
    /** Refunds of the sale's voucher that it shows; null where it cannot be asked. */
    refunds: null as FollowedVoucher["refunds"] | null,
  };
  let opened = 0;
  const start = (changes: Partial<GatewayConfig> = {}): RefundService => {
    const { journal, clock, engine } = sale.terminal.gateway;
    return new RefundService({
      ...{ journal, clock, config: { ...sale.terminal.config, ...changes } },
      refundsOf: () => Promise.resolve(settlement.refunds),
      reverse: (tapId) => engine.reverse(tapId),
      openChain: () => Promise.resolve(sale.chain),
      delegate: {
        signer: terminalSigner,
        requests: {
          canAsk: () => settlement.can,
          order: (_, order) => {
            orders.push(order);
            const { answer } = settlement;
            return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
          },
        },
        openNode: () => {
          opened += 1;
          return Promise.resolve(sale.chain);
        },
      },
    });
  };
  let service = start();
  const { returnOrders } = sale.terminal.gateway.journal;
  return {
    ...{ sale, chain: sale.chain, orders, settlement },
    opened: () => opened,
    restart: (changes?: Partial<GatewayConfig>) => (service = start(changes)),
    refund: (refundId: string, amount: bigint | null = null) => service.request(sale.tapId, { refundId, amount }),
    /** Makes a block, final where a test says so, lets seconds pass for both clocks, and goes on. */
    next: async ({ final = false, seconds = RETURN_ORDER_POLL_SECONDS } = {}) => {
      sale.chain.mine();
      if (final) sale.chain.finalize();
      sale.chain.seconds += seconds;
      sale.terminal.now += seconds;
      return await service.advance();
    },
    of: (refundId: string): RefundRecord | null => sale.refundOf(refundId),
    open: () => returnOrders.open(sale.tapId),
    service: () => service,
  };
}

describe("a delegate with an account that pays gas", () => {
  it("signs its running total for an hour, keeps it before it leaves, and ends when a final block shows it", async () => {
    const { sale, chain, refund, next, of, open } = await make("account");
    await sale.pay();
    expect(await refund("r1", 1_000_000n)).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
    const order = open();
    if (order === null) throw new Error("nothing was ordered");
    expect(order).toMatchObject({ kind: "refund", total: 1_000_000n, deadline: START + RETURN_ORDER_SECONDS });
    expect(decodeRefundOrder(order.object)).toMatchObject({
      ...{ voucherId: sale.voucherId, total: 1_000_000n, deadline: START + RETURN_ORDER_SECONDS },
    });
    expect(order.hash).toEqual(digestOf(order.object));
    expect(verifyDigest(order.signature, order.hash, terminalSigner.publicKey)).toBe(true);
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN", tx: chain.sent.at(-1), block: 2 });
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunded", code: null, tx: chain.mined[1]?.hash, block: 2 });
    expect(open()).toBeNull();
    expect(await refund("r2", 500_000n)).toMatchObject({ state: "refunding" });
    expect(open()).toMatchObject({ total: 1_500_000n });
    await next();
    await next({ final: true });
    expect(of("r2")).toMatchObject({ state: "refunded" });
    expect(chain.returns.map(({ units }) => units)).toEqual([1_000_000n, 500_000n]);
    expect(chain.calls).toEqual(["settle", "refundFor", "refundFor"]);
    const { values } = decodeVaultCall("refundFor", chain.mined[1]?.data ?? new Uint8Array(0)) ?? {};
    expect(values).toMatchObject({ total: 1_000_000n, deadline: BigInt(START + RETURN_ORDER_SECONDS) });
  });

  it("lets a second refund of a payment follow the first", async () => {
    const { sale, refund, next, of, open } = await make("account");
    await sale.pay();
    await refund("r1", 1n);
    expect(await refund("r2", 2n)).toMatchObject({ state: "refunding", code: "WAITING_FOR_ORDER" });
    expect(open()).toMatchObject({ total: 1n });
    await next();
    await next({ final: true });
    expect([of("r1")?.state, of("r2")?.code]).toEqual(["refunded", "WAITING_FOR_CHAIN"]);
    expect(open()).toMatchObject({ total: 3n });
  });

  it("releases what is not paid by its reversal", async () => {
    const { sale, chain, refund, next, of, open } = await make("account");
    expect(await codeOfRejection(refund("part", 1n))).toBe("REFUND_WHOLE_ONLY");
    expect(await refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN" });
    expect(open()).toMatchObject({ kind: "release", total: QUIET_PRICE, deadline: null });
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    await next();
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunded", tx: chain.mined[0]?.hash });
    expect(chain.calls).toEqual(["releaseFor"]);
  });

  it("records unpaid counters first where the vault wants that for a release", async () => {
    const { chain, refund, next, of } = await make("account");
    chain.refusals.set("releaseFor", "Advance");
    expect(await refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN", tx: null });
    chain.refusals.clear();
    await next();
    expect(chain.calls).toEqual(["advance"]);
    expect(of("r1")).toMatchObject({ state: "releasing", tx: chain.sent.at(-1) });
    await next();
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunded" });
    expect(chain.calls).toEqual(["advance", "releaseFor"]);
  });

  it("tells what the vault refuses, also of recording counters, and goes on when it may", async () => {
    const { chain, refund, next, of } = await make("account");
    chain.refusals.set("releaseFor", "Advance").set("advance", "Paused");
    expect(await refund("r1")).toMatchObject({ state: "releasing", code: "VAULT_REFUSES", detail: "Paused" });
    chain.refusals.clear();
    await next();
    expect(of("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN", detail: null });
  });

  it.each([
    ["NotDelegate", "NOT_DELEGATE"],
    ["OverDayLimit", "OVER_DAY_LIMIT"],
    ["TooLittleEarned", "SHORT_OF_EARNINGS"],
    ["CounterUnused", "PAYMENT_NOT_ON_CHAIN"],
    ["AlreadyReturned", "WAITING_FOR_CHAIN"],
    ["CounterUsed", "WAITING_FOR_CHAIN"],
    ["Advance", "VAULT_REFUSES"],
    ["SomethingNew", "VAULT_REFUSES"],
  ])("waits where the vault refuses a refund for %s: %s", async (reason, code) => {
    const { sale, chain, refund, next, of, open } = await make("account");
    await sale.pay();
    chain.refusals.set("refundFor", reason);
    expect(await refund("r1")).toMatchObject({ state: "refunding", code, detail: reason, tx: null });
    const order = open();
    expect(chain.calls).toEqual(["settle"]);
    chain.refusals.clear();
    await next();
    // The order is the same: it may have left, and must not count twice.
    expect(open()).toEqual(order);
    expect(of("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
  });

  it.each<[string, Partial<{ perDay: bigint; used: bigint; day: number }>, string]>([
    ["is no delegate", { perDay: 0n }, "NOT_DELEGATE"],
    ["may give back one unit less a day", { perDay: QUIET_PRICE - 1n }, "OVER_DAY_LIMIT"],
    ["has used one unit too much today", { perDay: QUIET_PRICE + 1n, used: 2n, day: today }, "OVER_DAY_LIMIT"],
    ["has used more than it may by now", { perDay: 1n, used: 2n, day: today }, "OVER_DAY_LIMIT"],
    ["may give back exactly this", { perDay: QUIET_PRICE }, "WAITING_FOR_CHAIN"],
    ["has used up another day", { perDay: QUIET_PRICE, used: QUIET_PRICE, day: today - 1 }, "WAITING_FOR_CHAIN"],
    ["has used what it may beside this", { perDay: QUIET_PRICE + 2n, used: 2n, day: today }, "WAITING_FOR_CHAIN"],
  ])("by its limit a day, where it %s", async (_, limit, code) => {
    for (const isPaid of [true, false]) {
      const { sale, chain, refund, open } = await make("account");
      if (isPaid) await sale.pay();
      chain.delegate = { ...chain.delegate, ...limit };
      expect(await refund("r1")).toMatchObject({ code, state: isPaid ? "refunding" : "releasing" });
      expect(open() === null).toBe(code !== "WAITING_FOR_CHAIN");
    }
  });

  it("waits for earnings of exactly the amount, and signs nothing before", async () => {
    const { sale, chain, refund, next, of, open } = await make("account");
    await sale.pay();
    chain.owed = 999n;
    chain.tokens = QUIET_PRICE;
    expect(await refund("r1", 1_000n)).toMatchObject({ state: "refunding", code: "SHORT_OF_EARNINGS" });
    expect(open()).toBeNull();
    chain.owed = 1_000n;
    await next();
    expect(of("r1")).toMatchObject({ code: "WAITING_FOR_CHAIN" });
  });

  it("counts on from what the vault shows as given back, and refuses what is more than is left", async () => {
    const { sale, chain, refund, open } = await make("account");
    await sale.pay();
    const order = { kind: "refund" as const, counter: 0, voucherId: sale.voucherId, units: 3_000_000n };
    chain.returns.push({ ...order, transaction: chain.mined[0] as never });
    expect(await refund("r1", 1_000_001n)).toMatchObject({ state: "refused", code: "MORE_THAN_LEFT" });
    expect(open()).toBeNull();
    expect(await refund("r2", 1_000_000n)).toMatchObject({ state: "refunding" });
    expect(open()).toMatchObject({ total: QUIET_PRICE });
  });

  it("signs anew when a final block is past the deadline, three times in all, with the same total", async () => {
    const { sale, chain, refund, next, of, open } = await make("account");
    await sale.pay();
    chain.refusals.set("refundFor", "NotDelegate");
    await refund("r1", 1_000n);
    for (let order = 1; order <= MAX_RETURN_ORDERS; order += 1) {
      const { deadline } = open() ?? {};
      if (deadline === undefined || deadline === null) throw new Error(`order ${order} is not there`);
      await next({ final: true, seconds: deadline - chain.seconds });
      expect([order, open()?.deadline]).toEqual([order, deadline]);
      await next({ final: true, seconds: 1 });
      if (order < MAX_RETURN_ORDERS)
        expect(open()).toMatchObject({ total: 1_000n, deadline: chain.seconds + RETURN_ORDER_SECONDS });
    }
    expect(of("r1")).toMatchObject({ state: "refused", code: "ORDER_EXPIRED" });
    expect(open()).toBeNull();
    expect(chain.returns).toEqual([]);
  });

  it("does not take an order for expired that a final block shows done", async () => {
    const { sale, refund, next, of } = await make("account");
    await sale.pay();
    await refund("r1");
    await next({ final: true, seconds: RETURN_ORDER_SECONDS + 1 });
    expect(of("r1")).toMatchObject({ state: "refunded" });
  });

  it("refunds what a batch paid in spite of its reversal, when a final block shows that", async () => {
    const { sale, chain, refund, next, of, open } = await make("account");
    chain.refusals.set("releaseFor", "CounterUsed");
    expect(await refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN", detail: "CounterUsed" });
    const tx = await chain.settle(sale.voucher);
    sale.take("mined", { tx });
    await next();
    expect(open()).toMatchObject({ kind: "release" });
    await next({ final: true });
    expect(open()).toMatchObject({ kind: "refund", total: QUIET_PRICE });
    await next();
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunded" });
    expect(chain.calls).toEqual(["settle", "refundFor"]);
  });

  it("waits with the refund of what was reversed until the payment is final", async () => {
    const { sale, chain, refund, next, of, open } = await make("account");
    sale.terminal.gateway.engine.reverse(sale.tapId);
    const tx = await chain.settle(sale.voucher);
    sale.take("mined", { tx });
    expect(await refund("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
    expect(open()).toBeNull();
    await next({ final: true });
    expect(open()).toMatchObject({ kind: "refund" });
    expect(of("r1")).toMatchObject({ state: "refunding" });
  });

  it("waits for a batch, for an upload, and for a clear answer of the chain", async () => {
    const { sale, chain, refund, next, of, open } = await make("account");
    sale.take("batched");
    expect(await refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_BATCH" });
    await chain.settle(sale.voucher);
    await next();
    expect(of("r1")).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR" });
    expect(open()).toBeNull();
  });

  it("sends the same order again after a loss of power", async () => {
    const { sale, chain, refund, next, of, open, restart } = await make("account");
    await sale.pay();
    await refund("r1", 1_000n);
    const order = open();
    chain.pool.clear();
    restart();
    await next();
    expect(open()).toEqual(order);
    await next();
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunded" });
    expect(chain.returns.map(({ units }) => units)).toEqual([1_000n]);
  });

  it("orders again where its transaction was undone or lost its nonce, and the units move once", async () => {
    const { sale, chain, refund, next, of } = await make("account");
    await sale.pay();
    await refund("r1", 1_000n);
    chain.undone.add(chain.sent.at(-1) ?? "");
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN", block: 2 });
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunding", block: null });
    chain.pool.clear();
    chain.useNonce();
    for (let round = 0; round < 4; round += 1) await next({ final: true });
    await next();
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunded" });
    expect(chain.returns.map(({ units }) => units)).toEqual([1_000n]);
  });

  it("has settlement send where the account has no ether, if it can be asked", async () => {
    const { sale, chain, settlement, orders, refund, next, of } = await make("account");
    await sale.pay();
    chain.wei = 0n;
    settlement.can = false;
    expect(await refund("r1")).toMatchObject({ state: "refunding", code: "NO_GAS" });
    expect(orders).toEqual([]);
    settlement.can = true;
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN", tx: null });
    expect(orders).toHaveLength(1);
    // Settlement's word that it is final ends nothing where a node can be asked.
    settlement.answer = { id: "1", state: "final", tx: `0x${"ab".repeat(32)}` };
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN", tx: `0x${"ab".repeat(32)}` });
  });

  it("begins by what settlement reports while the node is away or behind, and sends nothing by that", async () => {
    const { sale, chain, refund, next, of, open } = await make("account");
    chain.away = true;
    expect(await codeOfRejection(refund("r0", 1n))).toBe("REFUND_WHOLE_ONLY");
    sale.take("final", { reported: "final" });
    expect(await refund("r1", 1n)).toMatchObject({ state: "refunding", code: "RPC_UNREACHABLE" });
    chain.away = false;
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", code: "PAYMENT_NOT_ON_CHAIN" });
    expect(await refund("r2", 1n)).toMatchObject({ state: "refunding", code: "PAYMENT_NOT_ON_CHAIN" });
    expect(open()).toBeNull();
    chain.chainId = () => Promise.resolve(5n);
    expect(await codeOfRejection(refund("r3", 1n))).toBe("WRONG_CHAIN");
  });

  it("returns by itself what it reversed", async () => {
    const { sale, next, of } = await make("account");
    sale.terminal.gateway.engine.reverse(sale.tapId);
    await next();
    expect(of("reversal")).toMatchObject({ state: "releasing", amount: QUIET_PRICE });
  });
});

describe("a delegate with a node that only reads", () => {
  it("has settlement send, and believes final blocks alone", async () => {
    const { sale, chain, settlement, orders, refund, next, of, opened, service } = await make("node");
    await sale.pay();
    expect(service().hasChain()).toBe(true);
    settlement.answer = { id: "1", state: "final", tx: null };
    expect(await refund("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
    expect(orders).toMatchObject([{ order: 1, refund: { total: QUIET_PRICE } }]);
    expect(opened()).toBe(2);
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunding" });
    const order = { kind: "refund" as const, counter: 0, voucherId: sale.voucherId, units: QUIET_PRICE };
    chain.returns.push({ ...order, transaction: { ...(chain.mined[0] as never as object), block: 3n } as never });
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding" });
    await next({ final: true });
    expect(of("r1")).toMatchObject({ state: "refunded" });
  });

  it("does not take settlement's word for an order that has expired", async () => {
    const { sale, settlement, refund, next, of, open } = await make("node");
    await sale.pay();
    settlement.answer = new SettlementError("SETTLEMENT_REFUSED", "no", { vaultReason: "Expired" });
    expect(await refund("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
    const first = open();
    await next();
    expect(open()).toEqual(first);
    await next({ final: true, seconds: RETURN_ORDER_SECONDS });
    expect(open()).not.toEqual(first);
    expect(of("r1")).toMatchObject({ state: "refunding" });
  });
});

describe("a delegate that has settlement alone", () => {
  it("orders a refund of what is reported as paid, and is done when settlement says final", async () => {
    const { sale, settlement, orders, refund, next, of, open, opened } = await make("settlement");
    sale.take("final", { reported: "final" });
    expect(await refund("r1", 1_000n)).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN", tx: null });
    expect([orders.length, open()?.total, opened()]).toEqual([1, 1_000n, 0]);
    const tx = `0x${"cd".repeat(32)}`;
    settlement.answer = { id: "1", state: "mined", tx };
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN", tx });
    settlement.answer = { id: "1", state: "final", tx };
    await next({ seconds: RETURN_ORDER_POLL_SECONDS - 1 });
    expect([of("r1")?.state, orders.length]).toEqual(["refunding", 2]);
    await next({ seconds: 1 });
    expect(of("r1")).toMatchObject({ state: "refunded", tx, code: null });
    expect(await refund("r2", 500n)).toMatchObject({ state: "refunded" });
    expect(orders.at(-1)).toMatchObject({ refund: { total: 1_500n } });
  });

  it("asks a settlement whose answers nothing authenticates, and ends nothing by them", async () => {
    const { sale, settlement, refund, next, of } = await make("settlement", {
      settlementUrl: "http://settlement.example",
    });
    sale.take("final", { reported: "final" });
    settlement.answer = { id: "1", state: "final", tx: null };
    await refund("r1");
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
  });

  it.each<[string, ReturnOrderAnswer | Error, Partial<RefundRecord>]>([
    ["it failed", { id: "1", state: "failed", tx: null }, { code: "VAULT_REFUSES", detail: null }],
    [
      "the vault does not do it now",
      new SettlementError("SETTLEMENT_REFUSED", "no", { refusal: "REFUND_ORDER_REFUSED", vaultReason: "OverDayLimit" }),
      { code: "OVER_DAY_LIMIT", detail: "OverDayLimit" },
    ],
    [
      "it takes no orders",
      new SettlementError("SETTLEMENT_REFUSED", "no", { refusal: "REQUEST_UNTRUSTED" }),
      { code: "WAITING_FOR_SETTLEMENT", detail: "REQUEST_UNTRUSTED" },
    ],
    [
      "it is away",
      new SettlementError("SETTLEMENT_UNREACHABLE", "no"),
      { code: "WAITING_FOR_SETTLEMENT", detail: "SETTLEMENT_UNREACHABLE" },
    ],
  ])("waits where settlement says that %s", async (_, answer, expected) => {
    const { sale, settlement, orders, refund, next, of, open } = await make("settlement");
    sale.take("final", { reported: "final" });
    settlement.answer = answer;
    expect(await refund("r1")).toMatchObject({ state: "refunding", ...expected });
    const order = open();
    await next({ seconds: 1 });
    expect([orders.length, of("r1")?.code]).toEqual([1, expected.code]);
    // A clock that is set back asks again too.
    await next({ seconds: -1 - RETURN_ORDER_POLL_SECONDS });
    expect([orders.length, open()]).toEqual([2, order]);
  });

  it("throws on what is no fault of settlement", async () => {
    const { sale, settlement, refund } = await make("settlement");
    sale.take("final", { reported: "final" });
    const fault = new RangeError("a fault of the code");
    settlement.answer = fault;
    await expect(refund("r1")).rejects.toBe(fault);
  });

  it("asks nothing while settlement cannot be asked", async () => {
    const { settlement, orders, refund, next, of } = await make("settlement");
    settlement.can = false;
    expect(await refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_SETTLEMENT" });
    settlement.can = true;
    await next({ seconds: 0 });
    expect(orders).toMatchObject([{ order: 2 }]);
    expect(of("r1")).toMatchObject({ code: "WAITING_FOR_CHAIN", detail: null });
  });

  it("signs anew after a deadline that settlement says has passed", async () => {
    const { sale, settlement, refund, next, of, open } = await make("settlement");
    sale.take("final", { reported: "final" });
    settlement.answer = new SettlementError("SETTLEMENT_REFUSED", "no", { vaultReason: "Expired" });
    expect(await refund("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_SETTLEMENT" });
    expect(open()).toBeNull();
    settlement.answer = { id: "1", state: "sent", tx: null };
    await next();
    expect(open()).toMatchObject({ total: QUIET_PRICE, deadline: sale.terminal.now + RETURN_ORDER_SECONDS });
    expect(of("r1")).toMatchObject({ code: "WAITING_FOR_CHAIN" });
  });

  it.each<[string, string]>([
    ["unknown", "PAYMENT_UNCLEAR"],
    ["mined", "PAYMENT_UNCLEAR"],
    ["batched", "WAITING_FOR_BATCH"],
    ["received", "WAITING_FOR_CHAIN"],
    ["final", "WAITING_FOR_CHAIN"],
  ])("gives back what settlement has in the state %s, by nothing that it reported: %s", async (state, code) => {
    const { sale, refund, orders } = await make("settlement");
    sale.take(state);
    expect(await refund("r1")).toMatchObject({ code, state: "releasing" });
    expect(orders.length).toBe(code === "WAITING_FOR_CHAIN" ? 1 : 0);
  });

  it("is done with a release when settlement reports it released for good", async () => {
    const { sale, refund, next, of, open } = await make("settlement");
    await refund("r1");
    sale.take("released");
    await next();
    expect(of("r1")).toMatchObject({ state: "releasing" });
    sale.take("released", { reported: "final" });
    await next();
    expect([of("r1")?.state, open()]).toEqual(["refunded", null]);
  });

  it("refunds what settlement reports as paid in spite of its reversal", async () => {
    const { sale, refund, next, of, open } = await make("settlement");
    await refund("r1");
    sale.take("final", { reported: "final" });
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
    expect(open()).toMatchObject({ kind: "refund", total: QUIET_PRICE });
  });

  it("needs no order where the journal knows it released", async () => {
    for (const way of ["settlement", "account"] as const) {
      const { sale, orders, refund, next, of } = await make(way);
      sale.take("batched");
      expect(await refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_BATCH" });
      const { journal } = sale.terminal.gateway;
      const tx = `0x${"5e".repeat(32)}`;
      if (way === "settlement") sale.take("released", { reported: "final", tx });
      else
        journal.write(() => {
          journal.outcomes.end(sale.voucherId, { kind: "released", tx, block: 1n }, sale.terminal.now);
        });
      await next();
      expect(of("r1")).toMatchObject({ state: "refunded", tx });
      expect([orders, sale.chain.sent]).toEqual([[], []]);
    }
  });

  it("waits for an upload of what settlement does not have, and for the card of what is not paid", async () => {
    const sale = await QuietSale.make(suite, { refundsBy: "delegate", claim: null }, { settlementUrl: SETTLEMENT });
    expect(await sale.refund("r1")).toMatchObject({ state: "reversed" });
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "reversed", code: "WAITING_FOR_UPLOAD" });
    sale.card.tear = "before";
    const torn = await sale.terminal.tap(9n);
    const { refunds, journal } = sale.terminal.gateway;
    await refunds.request(torn.id, { refundId: "r1", amount: null });
    await sale.next();
    expect(journal.refunds.byId(torn.id, "r1")).toMatchObject({ state: "reversed", code: "WAITING_FOR_CARD" });
  });

  it("gives nothing back where no currency has a settlement", async () => {
    const { service } = await make("settlement", { settlementUrl: null });
    expect(service().hasChain()).toBe(false);
  });
});

describe("what a delegate gave back already, at the next refund of the same payment", () => {
  const [tx, other] = [`0x${"cd".repeat(32)}`, `0x${"e1".repeat(32)}`];

  /** A refund of 1.00 is sent, and nobody has named its transaction; settlement shows it in a final block now. */
  async function sent(way: Way = "settlement") {
    const made = await make(way);
    if (way === "settlement") made.sale.take("final", { reported: "final" });
    else await made.sale.pay();
    expect(await made.refund("r1", 1_000_000n)).toMatchObject({ state: "refunding", tx: null });
    made.settlement.refunds = [{ amount: "1.00", tx }];
    made.settlement.answer = { id: "1", state: "final", tx };
    return made;
  }

  it("counts once, although its order is asked about again only later", async () => {
    const { refund, of, orders } = await sent();
    expect(await codeOfRejection(refund("r2", QUIET_PRICE - 999_999n))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await refund("r2")).toMatchObject({ amount: QUIET_PRICE - 1_000_000n, code: "WAITING_FOR_ORDER" });
    // Asked about, and nothing else: its own step ends it.
    expect([of("r1")?.state, orders.length]).toEqual(["refunding", 3]);
  });

  it("counts once where a final block ended it before its transaction was named, and after a change to the payee's key", async () => {
    for (const changes of [{}, { refundsBy: "payee", claim: payeeAccess }] as const) {
      const { sale, chain, refund, next, of, restart } = await sent("node");
      const returned = { kind: "refund" as const, counter: 0, voucherId: sale.voucherId, units: 1_000_000n };
      chain.returns.push({ ...returned, transaction: { ...(chain.mined[0] as never as object), block: 2n } as never });
      await next({ final: true, seconds: 0 });
      expect(of("r1")).toMatchObject({ state: "refunded", tx: null });
      restart(changes);
      expect(await refund("r2")).toMatchObject({ amount: QUIET_PRICE - 1_000_000n });
    }
  });

  it("is not sent by asking about it after a change to the payee's key, which may have done its refund", async () => {
    const { refund, orders, restart } = await sent();
    const before = orders.length;
    restart({ refundsBy: "payee", claim: payeeAccess });
    await refund("r2", 1n);
    expect(orders.length).toBe(before);
  });

  it("counts once where it stands in another transaction than was said last", async () => {
    const { settlement, refund, next, of } = await sent();
    settlement.answer = { id: "1", state: "mined", tx: other };
    await next();
    expect(of("r1")).toMatchObject({ state: "refunding", tx: other });
    settlement.answer = { id: "1", state: "final", tx };
    expect(await refund("r2")).toMatchObject({ amount: QUIET_PRICE - 1_000_000n });
  });

  it.each<[string, FollowedVoucher["refunds"], bigint]>([
    ["another one of the same amount", [{ amount: "1.00", tx: other }], 2_000_000n],
    [
      "another one before it",
      [
        { amount: "1.00", tx: other },
        { amount: "1.00", tx },
      ],
      2_000_000n,
    ],
    [
      "a part of its total that was given before it",
      [
        { amount: "0.40", tx: other },
        { amount: "0.60", tx },
      ],
      3_000_000n,
    ],
    ["an order of more that settlement sent in its place", [{ amount: "2.50", tx }], 1_500_000n],
    ["less than the journal knows of it", [{ amount: "0.10", tx }], 3_000_000n],
  ])("leaves what settlement shows: %s", async (_, refunds, left) => {
    const { settlement, refund } = await sent();
    settlement.refunds = refunds;
    expect(await codeOfRejection(refund("r2", left + 1n))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await refund("r2")).toMatchObject({ amount: left });
  });

  it("is not believed to be what is shown where settlement does not say so", async () => {
    for (const answer of [
      { id: "1", state: "sent", tx: null } as const,
      new SettlementError("SETTLEMENT_UNREACHABLE", "no"),
    ]) {
      const { settlement, refund } = await sent();
      settlement.answer = answer;
      expect(await refund("r2")).toMatchObject({ amount: QUIET_PRICE - 2_000_000n });
    }
    const { settlement, refund } = await sent();
    settlement.can = false;
    expect(await refund("r2")).toMatchObject({ amount: QUIET_PRICE - 2_000_000n });
    const fault = new RangeError("a fault of the code");
    settlement.can = true;
    settlement.answer = fault;
    await expect(refund("r3", 1n)).rejects.toBe(fault);
  });

  it("is asked about only where something unknown is shown, and not what the terminal sends by itself", async () => {
    const { settlement, orders, refund, next } = await sent();
    settlement.refunds = [];
    await refund("r2", 1n);
    settlement.refunds = null;
    await refund("r3", 1n);
    expect(orders).toHaveLength(1);
    settlement.can = false;
    expect(await codeOfRejection(refund("r4", QUIET_PRICE - 1_000_001n))).toBe("REFUND_ABOVE_PAYMENT");
    settlement.can = true;
    await next();
    settlement.can = false;
    // By now the journal has its transaction.
    settlement.refunds = [{ amount: "1.00", tx }];
    expect(await refund("r4")).toMatchObject({ amount: QUIET_PRICE - 1_000_002n });
    const byItself = await make("account");
    await byItself.sale.pay();
    await byItself.refund("r1", 1_000_000n);
    byItself.settlement.refunds = [{ amount: "1.00", tx: other }];
    expect(await byItself.refund("r2")).toMatchObject({ amount: QUIET_PRICE - 2_000_000n });
    expect(byItself.orders).toEqual([]);
  });

  it(`is asked about with the newest ${MAX_ORDERS_ASKED_AT_ONCE} orders at most`, async () => {
    const { settlement, orders, refund, next } = await sent();
    settlement.refunds = [];
    for (let count = 2; count <= MAX_ORDERS_ASKED_AT_ONCE + 1; count += 1) {
      settlement.answer = { id: "1", state: "final", tx: `0x${String(count).padStart(64, "0")}` };
      await next();
      await refund(`r${count}`, 1n);
      await next();
    }
    settlement.refunds = [{ amount: "0.01", tx: other }];
    settlement.answer = { id: "1", state: "sent", tx: null };
    const before = orders.length;
    await codeOfRejection(refund("more", QUIET_PRICE));
    expect(orders.length - before).toBe(MAX_ORDERS_ASKED_AT_ONCE);
  });
});
