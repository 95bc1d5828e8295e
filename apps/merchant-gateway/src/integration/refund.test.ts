import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { addressOfKey, toHex } from "@tallystick/protocol";
import { createEthersVaultChain } from "../chain-calls/ethers-vault-chain.ts";
import { feePolicy } from "../chain-calls/fees.ts";
import type { VaultChain } from "../chain-calls/vault-chain.ts";
import { claim } from "../claim/claim.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { RefundRecord } from "../journal/refund-store.ts";
import { makeTerminalKey } from "../keys/terminal-key.ts";
import { type RefundCommand, runRefund } from "../refunds/run-refund.ts";
import { keyBytes, TestChain } from "../testing/test-chain.ts";
import type { TestCard } from "../testing/test-card.ts";
import { testSecret, type TestTill } from "../testing/test-till.ts";
import { codeOfRejection } from "../testing/till-suite.ts";

const FUNDED = 20_000_000n;
const PRICE = 4_000_000n;
/** More steps than any refund of these tests takes. */
const MOST_STEPS = 12;

let chain: TestChain;
let tills: TestTill[] = [];
let cards = 0;

interface Sale {
  readonly till: TestTill;
  readonly served: ServedDomain;
  readonly card: TestCard;
  readonly tapId: string;
  readonly voucherId: Uint8Array;
}

/** A sale at a till with the payee's key; `settlementUrl` is set where the till has a settlement. */
async function sell(changes: Partial<GatewayConfig> = {}, settlementUrl: string | null = null): Promise<Sale> {
  const access = { rpc: chain.anvil.rpc, keyFile: chain.keyFile(1), fees: feePolicy() };
  const { till, served } = await chain.makeTill({ claim: access, ...changes }, { settlementUrl });
  tills.push(till);
  cards += 1;
  const card = await till.card(`refund ${cards}`, {}, chain.domain);
  await chain.fund(card, FUNDED);
  till.reader.card = card;
  const tap = await till.tap(PRICE);
  if (tap.voucherId === null) throw new Error(`the card did not pay: ${String(tap.code)}`);
  return { till, served, card, tapId: tap.id, voucherId: tap.voucherId };
}

/** Brings the sale's voucher to the vault; the shop's earnings stay there or are paid out to it. */
async function settle({ till, served }: Sale, payOut: boolean): Promise<void> {
  await settleWith(till.gateway.journal, { till, served }, payOut);
}

async function settleWith(journal: Journal, { till, served }: Pick<Sale, "till" | "served">, payOut: boolean) {
  const account = open(0);
  try {
    const held = payOut ? account : { ...account, owed: () => Promise.resolve(0n) };
    const patience = { now: () => till.now, waitSeconds: 1, sleep };
    await claim({ journal, config: till.config, served, chain: held, fees: feePolicy(), patience }, () => undefined);
  } finally {
    account.close();
  }
}

function open(index: number): VaultChain {
  return createEthersVaultChain({ rpc: chain.anvil.rpc, vault: chain.domain.vault, key: keyBytes(chain, index) });
}

/** Settlement has the voucher, as after an answered upload. */
function take({ till, voucherId }: Sale, state: string | null = null): void {
  const { journal } = till.gateway;
  journal.write(() => {
    journal.vouchers.pack([voucherId], 1);
    journal.vouchers.deliver({ id: voucherId, status: "new", code: null, delivery: "taken" }, till.now);
    if (state !== null) journal.vouchers.follow(voucherId, { state, batch: null, tx: null, final: false }, till.now);
  });
}

async function refund({ till, tapId }: Sale, refundId: string, amount: bigint | null = null): Promise<RefundRecord> {
  return await till.gateway.refunds.request(tapId, { refundId, amount });
}

/** Steps a refund to its end, a block or three after each step. */
async function finish(sale: Sale, refundId: string): Promise<RefundRecord> {
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const found = sale.till.gateway.journal.refunds.byId(sale.tapId, refundId);
    if (found === null) throw new Error(`there is no refund ${refundId}`);
    if (found.state === "refunded" || found.state === "refused") return found;
    await chain.finalize();
    await sale.till.gateway.refunds.advance();
  }
  throw new Error(`refund ${refundId} does not come to its end`);
}

beforeAll(async () => {
  chain = await TestChain.start();
});

afterEach(async () => {
  for (const till of tills.splice(0)) till.remove();
  tills = [];
  // Each test begins with a shop that has nothing.
  if ((await chain.owed()) > 0n) await chain.send(chain.payer, "vault", "withdraw", chain.shop.address);
  const held = await chain.held();
  if (held > 0n) await chain.send(chain.shop, "token", "transfer", chain.payer.address, held);
});

afterAll(async () => {
  await chain.stop();
});

describe("a payment that is on the chain", () => {
  it("is given back whole out of what the vault still owes the shop, once", async () => {
    const sale = await sell();
    await settle(sale, false);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED - PRICE);
    const begun = await refund(sale, "r1");
    expect(begun).toMatchObject({ state: "refunding", amount: PRICE, code: "WAITING_FOR_CHAIN" });
    expect(begun.tx).toMatch(/^0x[0-9a-f]{64}$/);
    const ended = await finish(sale, "r1");
    expect(ended).toMatchObject({ state: "refunded", code: null, tx: begun.tx });
    expect(ended.block).toBeGreaterThan(0);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
    expect(await chain.owed()).toBe(0n);

    expect(await refund(sale, "r1")).toEqual(ended);
    expect(await refund(sale, "r1", PRICE)).toEqual(ended);
    expect(await codeOfRejection(refund(sale, "r1", 1n))).toBe("REFUND_DIFFERS");
    expect(await codeOfRejection(refund(sale, "r2"))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("names its voucher in the transaction, so that settlement can tell which sale it was", async () => {
    const sale = await sell();
    await settle(sale, false);
    const { tx } = await refund(sale, "r1");
    const sent = await chain.provider.getTransaction(tx ?? "");
    expect(sent?.data.endsWith(toHex(sale.voucherId).slice(2))).toBe(true);
  });

  it("is given back in parts, never above the whole", async () => {
    const sale = await sell();
    await settle(sale, false);
    await refund(sale, "first", 1_000_000n);
    await finish(sale, "first");
    expect(await codeOfRejection(refund(sale, "second", 3_000_001n))).toBe("REFUND_ABOVE_PAYMENT");
    await refund(sale, "second", 2_000_000n);
    await finish(sale, "second");
    await refund(sale, "rest");
    expect(await finish(sale, "rest")).toMatchObject({ state: "refunded", amount: 1_000_000n });
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
    expect(await codeOfRejection(refund(sale, "more", 1n))).toBe("REFUND_ABOVE_PAYMENT");
  });

  it("comes out of the shop's account where its earnings were paid out, approved for exactly that", async () => {
    const sale = await sell();
    await settle(sale, true);
    expect(await chain.held()).toBe(PRICE);
    await refund(sale, "r1", 1_500_000n);
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await chain.held()).toBe(PRICE - 1_500_000n);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED - PRICE + 1_500_000n);
    const left = await chain.read<bigint>("token", "allowance", chain.shop.address, toHex(chain.domain.vault));
    expect(left).toBe(0n);
  });

  it("is refused where neither earnings nor account hold enough, and can be asked for again later", async () => {
    const sale = await sell();
    await settle(sale, true);
    await chain.send(chain.shop, "token", "transfer", chain.payer.address, 1n);
    expect(await refund(sale, "r1")).toMatchObject({ state: "refused", code: "SHORT_OF_FUNDS", tx: null });
    await chain.send(chain.payer, "token", "transfer", chain.shop.address, 1n);
    expect(await refund(sale, "r1")).toMatchObject({ state: "refused" });
    await refund(sale, "r2");
    expect(await finish(sale, "r2")).toMatchObject({ state: "refunded" });
  });

  it("is refused where the token blocks the shop's account, but not while the vault owes it enough", async () => {
    const first = await sell();
    await settle(first, true);
    const second = await sell();
    await settle(second, false);
    const unblock = await chain.blockTransfers();
    try {
      await refund(second, "earned");
      expect(await finish(second, "earned")).toMatchObject({ state: "refunded" });
      await refund(first, "blocked");
      expect(await finish(first, "blocked")).toMatchObject({ state: "refused", code: "REFUSED_BY_VAULT" });
    } finally {
      await unblock();
    }
    await refund(first, "again");
    expect(await finish(first, "again")).toMatchObject({ state: "refunded" });
  });

  it("goes on when its transaction was undone because the earnings were paid out meanwhile", async () => {
    const sale = await sell();
    await settle(sale, false);
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      await refund(sale, "r1");
      // A dearer transaction of somebody else stands before the refund in the same block.
      const data = "0x51cff8d9" + "00".repeat(12) + chain.shop.address.slice(2);
      await chain.payer.sendTransaction({
        to: toHex(chain.domain.vault),
        data,
        gasLimit: 200_000,
        maxFeePerGas: 10n ** 11n,
        maxPriorityFeePerGas: 5n * 10n ** 10n,
        nonce: await chain.provider.getTransactionCount(chain.payer.address),
      });
      await chain.finalize();
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(sale.till.gateway.journal.chainCalls.failures({ tapId: sale.tapId, refundId: "r1" })).toBe(1);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});

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
      const sale = await sell({}, url);
      await settle(sale, false);
      take(sale);
      expect(await codeOfRejection(refund(sale, "whole", PRICE))).toBe("REFUND_ABOVE_PAYMENT");
      expect(await refund(sale, "rest")).toMatchObject({ amount: PRICE - 1_500_000n, state: "refunding" });
      expect(await finish(sale, "rest")).toMatchObject({ state: "refunded" });
      expect(await chain.balanceOf(sale.card)).toBe(FUNDED - 1_500_000n);
    });
  });

  it("is not given back where nothing is left, and its own refunds are not counted twice", async () => {
    const answer = { state: "refunded", batch: "1", tx: null, refunds: [{ amount: "4.00", tx: "0x1" }] };
    await withSettlement(answer, async (url) => {
      const sale = await sell({}, url);
      await settle(sale, false);
      take(sale);
      expect(await codeOfRejection(refund(sale, "r1", 1n))).toBe("ALREADY_REFUNDED");
      expect(sale.till.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
    });
    const own = { state: "final", batch: "1", tx: null, refunds: [{ amount: "1.00", tx: "" }] };
    await withSettlement(own, async (url) => {
      const sale = await sell({}, url);
      await settle(sale, false);
      take(sale);
      own.refunds = [{ amount: "1.00", tx: (await refund(sale, "first", 1_000_000n)).tx ?? "" }];
      await finish(sale, "first");
      expect(await refund(sale, "rest")).toMatchObject({ amount: PRICE - 1_000_000n });
    });
  });
});

describe("what the till knows of a card", () => {
  it("is read anew as soon as value is back behind it", async () => {
    const watched = { chain: { rpcUrl: chain.anvil.rpc, startBlock: chain.block } };
    const sale = await sell();
    const { till } = sale;
    Object.assign(till.config.domains[0] ?? {}, watched);
    await settle(sale, false);
    await sale.card.allow({ ...sale.card.body, seq: sale.card.body.seq + 1, maxSpent: FUNDED });
    const address = toHex(addressOfKey(sale.card.signer.publicKey));
    await chain.send(chain.payer, "vault", "requestWithdrawal", address, PRICE);
    await till.gateway.chainWatch.passAll();
    expect(await till.tap(1n)).toMatchObject({ outcome: "refused", code: "STATUS_SUSPENDED" });
    await refund(sale, "r1");
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
    // The refund put behind the card what its owner asks back.
    expect(await till.tap(1n)).toMatchObject({ outcome: "accepted" });
  });
});

describe("a payment that the till has cancelled", () => {
  it("is given up by the till itself where it holds the payee's key, once", async () => {
    const sale = await sell();
    sale.till.gateway.engine.cancel(sale.tapId);
    await sale.till.gateway.refunds.advance();
    expect(await finish(sale, "cancelled")).toMatchObject({ state: "refunded", amount: PRICE });
    expect(await chain.read("vault", "isUsed", toHex(addressOfKey(sale.card.signer.publicKey)), 1)).toBe(true);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
    await sale.till.gateway.refunds.advance();
    expect(sale.till.gateway.journal.refunds.ofTap(sale.tapId)).toHaveLength(1);
  });

  it("is left to a person where the configured key is another's", async () => {
    const access = { rpc: chain.anvil.rpc, keyFile: chain.keyFile(2), fees: feePolicy() };
    const sale = await sell({ claim: access });
    sale.till.gateway.engine.cancel(sale.tapId);
    expect(await sale.till.gateway.refunds.advance()).toEqual([]);
    expect(sale.till.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
  });
});

describe("a transaction whose place was taken", () => {
  it("is made anew, once that is final, and gives back once", async () => {
    const sale = await sell();
    await settle(sale, false);
    const { till } = sale;
    // The till is killed after it has signed: nothing was sent, and the shop uses the nonce for something else.
    till.openVaultChain = () => Promise.resolve({ ...open(1), send: () => Promise.reject(new Error("killed")) });
    till.restart();
    await expect(refund(sale, "r1")).rejects.toThrow("killed");
    const signed = till.gateway.journal.refunds.byId(sale.tapId, "r1");
    till.openVaultChain = null;
    till.restart();
    await chain.send(chain.shop, "token", "approve", chain.payer.address, 0n);
    await till.gateway.refunds.advance();
    expect(till.gateway.journal.refunds.byId(sale.tapId, "r1")).toMatchObject({
      code: "WAITING_FOR_CHAIN",
      tx: signed?.tx,
    });
    const ended = await finish(sale, "r1");
    expect(ended).toMatchObject({ state: "refunded" });
    expect(ended.tx).not.toBe(signed?.tx);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});

describe("a refund that is stuck at too low a fee", () => {
  it("is replaced under its nonce, given back once, and shows the transaction that was mined", async () => {
    const sale = await sell();
    await settle(sale, false);
    const { till } = sale;
    const before = await chain.provider.getTransactionCount(chain.shop.address);
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      const begun = await refund(sale, "r1");
      // The network becomes dearer before the first block.
      await chain.provider.send("anvil_setNextBlockBaseFeePerGas", [`0x${(5n * 10n ** 9n).toString(16)}`]);
      await chain.provider.send("evm_mine", []);
      // This node does not even keep it; others keep it and leave it waiting.
      const stuck = await refund(sale, "r1");
      expect(stuck).toMatchObject({ code: "NODE_REFUSED", tx: begun.tx, block: null });
      expect(stuck.detail).toMatch(/fee/);
      // Killed between the signing of the replacement and its sending.
      till.now += feePolicy().replaceAfterSeconds;
      till.openVaultChain = () => Promise.resolve({ ...open(1), send: () => Promise.reject(new Error("killed")) });
      till.restart();
      await expect(refund(sale, "r1")).rejects.toThrow("killed");
      till.openVaultChain = null;
      till.restart();
      const replaced = await refund(sale, "r1");
      expect(replaced.code).toBe("WAITING_FOR_CHAIN");
      expect(replaced.tx).not.toBe(begun.tx);
      await chain.finalize();
      await refund(sale, "r1");
      const ended = await finish(sale, "r1");
      expect(ended).toMatchObject({ state: "refunded", tx: replaced.tx });
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await chain.provider.getTransactionCount(chain.shop.address)).toBe(before + 1);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("waits where the chain asks more than the till may offer", async () => {
    const access = { rpc: chain.anvil.rpc, keyFile: chain.keyFile(1), fees: { replaceAfterSeconds: 1, maxFee: 1n } };
    const sale = await sell({ claim: access });
    await settle(sale, false);
    expect(await refund(sale, "r1")).toMatchObject({ state: "refunding", code: "FEES_TOO_HIGH", tx: null });
    expect(sale.till.gateway.journal.chainCalls.ofRefund({ tapId: sale.tapId, refundId: "r1" })).toBeNull();
  });
});

describe("a payment that is not on the chain", () => {
  it("is taken back before it was sent, and given up once settlement has it", async () => {
    const sale = await sell({}, "http://127.0.0.1:1");
    expect(await codeOfRejection(refund(sale, "part", 1n))).toBe("REFUND_WHOLE_ONLY");
    expect(await refund(sale, "r1")).toMatchObject({ state: "cancelled", tx: null });
    expect(sale.till.gateway.journal.cancellations.has(sale.tapId)).toBe(true);
    await sale.till.gateway.refunds.advance();
    expect(await refund(sale, "r1")).toMatchObject({ state: "cancelled", code: "WAITING_FOR_UPLOAD" });
    take(sale, "cancelled");
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await chain.read("vault", "isUsed", toHex(addressOfKey(sale.card.signer.publicKey)), 1)).toBe(true);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("needs no chain before it was sent, and says what to configure afterwards", async () => {
    const unsent = await sell({ claim: null });
    expect(await refund(unsent, "r1")).toMatchObject({ state: "cancelled" });
    const sent = await sell({ claim: null });
    take(sent, "received");
    expect(await codeOfRejection(refund(sent, "r1"))).toBe("CHAIN_NOT_CONFIGURED");
    expect(sent.till.gateway.journal.cancellations.has(sent.tapId)).toBe(false);
    expect(sent.till.gateway.journal.refunds.ofTap(sent.tapId)).toEqual([]);
  });

  it("is given up at once where settlement has it and has not batched it", async () => {
    const sale = await sell();
    take(sale, "received");
    expect(await codeOfRejection(refund(sale, "part", 1n))).toBe("REFUND_WHOLE_ONLY");
    expect(await refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN" });
    expect(sale.till.gateway.journal.cancellations.has(sale.tapId)).toBe(true);
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
    await settle(sale, false);
    expect(await chain.owed()).toBe(0n);
  });

  it("is refunded where a batch was quicker than the word that nothing was given", async () => {
    const sale = await sell();
    take(sale, "batched");
    expect(await refund(sale, "r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_BATCH" });
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
    await settleWith(asIfNotCancelled as unknown as typeof journal, sale, false);
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED - PRICE);
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded", amount: PRICE });
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("is not refunded where another payment has used its number", async () => {
    const sale = await sell();
    const twin = await sale.card.copy();
    take(sale, "received");
    const { till: other } = await chain.makeTill();
    tills.push(other);
    // The copy pays first what the vault knows of the counter: another voucher with the same number.
    twin.counter = 0;
    twin.spent = 0n;
    Object.assign(twin, { head: new Uint8Array(32), ring: [] });
    other.reader.card = twin;
    const paid = await other.tap(PRICE - 1n);
    expect(paid).toMatchObject({ outcome: "accepted", counter: 1 });
    const [served] = other.config.domains;
    if (served === undefined || paid.voucherId === null) throw new Error("the other till has no sale");
    await settle({ till: other, served, card: twin, tapId: paid.id, voucherId: paid.voucherId }, false);
    expect(await refund(sale, "r1")).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR", tx: null });
    await sale.till.gateway.refunds.advance();
    expect(await refund(sale, "r1")).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR", tx: null });
  });
});

describe("who may give back", () => {
  it("is the payee alone", async () => {
    const sale = await sell({ claim: { rpc: chain.anvil.rpc, keyFile: chain.keyFile(2), fees: feePolicy() } });
    await settle(sale, false);
    expect(await codeOfRejection(refund(sale, "r1"))).toBe("NOT_PAYEE_KEY");
    expect(sale.till.gateway.journal.refunds.ofTap(sale.tapId)).toEqual([]);
  });

  it("needs a key file that is there", async () => {
    const sale = await sell({ claim: { rpc: chain.anvil.rpc, keyFile: "/nowhere/key.json", fees: feePolicy() } });
    await settle(sale, false);
    expect(await codeOfRejection(refund(sale, "r1"))).toBe("PAYING_KEY_UNREADABLE");
  });

  it("is asked to wait where the node is away, and the refund goes on by itself", async () => {
    const sale = await sell();
    take(sale, "final");
    const { journal } = sale.till.gateway;
    await settle(sale, false);
    const voucher = journal.vouchers.byId(sale.voucherId);
    journal.write(() => {
      journal.vouchers.follow(sale.voucherId, { state: "final", batch: null, tx: voucher?.tx ?? null, final: true }, 1);
    });
    await chain.anvil.pause();
    try {
      expect(await refund(sale, "r1")).toMatchObject({ state: "refunding", code: "RPC_UNREACHABLE", tx: null });
      expect(await sale.till.gateway.refunds.advance()).toMatchObject([{ code: "RPC_UNREACHABLE" }]);
    } finally {
      await chain.anvil.resume();
    }
    expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
  });
});

/** Dies after the n-th call or write and stays dead, as a process that was killed between two of them. */
class Mortal {
  steps = 0;
  private readonly fatal: number;
  constructor(fatal: number) {
    this.fatal = fatal;
  }

  step(): void {
    this.steps += 1;
    this.assertAlive();
  }

  assertAlive(): void {
    if (this.fatal > 0 && this.steps >= this.fatal) throw new Error("killed");
  }

  chain(inner: VaultChain): VaultChain {
    const mortal =
      <A extends unknown[], T>(work: (...values: A) => Promise<T>) =>
      async (...values: A): Promise<T> => {
        this.assertAlive();
        const result = await work(...values);
        this.step();
        return result;
      };
    return { ...inner, sign: mortal(inner.sign), send: mortal(inner.send), receipt: mortal(inner.receipt) };
  }
}

/** Gives back with a till that dies at a step; then starts it again until the refund is at its end. */
async function dieAt(fatal: number, payOut: boolean): Promise<number> {
  const sale = await sell();
  await settle(sale, payOut);
  const { till } = sale;
  const mortal = new Mortal(fatal);
  till.openVaultChain = () => Promise.resolve(mortal.chain(open(1)));
  till.restart();
  const { journal } = till.gateway;
  const write = journal.write.bind(journal);
  journal.write = <T>(work: () => T): T => {
    mortal.assertAlive();
    const result = write(work);
    mortal.step();
    return result;
  };
  try {
    await refund(sale, "r1", 1_000_000n);
    for (let round = 0; round < 4; round += 1) {
      await chain.finalize();
      await till.gateway.refunds.advance();
    }
  } catch (error) {
    expect((error as Error).message).toBe("killed");
  }
  till.openVaultChain = null;
  till.restart();
  await refund(sale, "r1", 1_000_000n);
  expect(await finish(sale, "r1")).toMatchObject({ state: "refunded" });
  expect(await chain.balanceOf(sale.card)).toBe(FUNDED - PRICE + 1_000_000n);
  return mortal.steps;
}

describe("a till that is killed while it gives back", () => {
  it.each([
    ["its earnings", false],
    ["its own account", true],
  ])(
    "gives back once out of %s, wherever it died",
    async (_, payOut) => {
      const steps = await dieAt(0, payOut);
      expect(steps).toBeGreaterThan(payOut ? 8 : 5);
      for (let fatal = 1; fatal <= steps; fatal += 1) await dieAt(fatal, payOut);
    },
    180_000,
  );
});

describe("the commands of a till that is stopped", () => {
  const lineOf = async (sale: Sale, command: Partial<RefundCommand>): Promise<Readonly<Record<string, unknown>>> => {
    const lines: Readonly<Record<string, unknown>>[] = [];
    sale.till.gateway.close();
    if (!existsSync(sale.till.config.terminalKeyFile))
      makeTerminalKey(sale.till.config.terminalKeyFile, () => testSecret("terminal"));
    try {
      await runRefund(
        sale.till.config,
        {
          kind: "refund",
          rpc: chain.anvil.rpc,
          keyFile: chain.keyFile(1),
          voucher: toHex(sale.voucherId),
          amount: null,
          refundId: "command",
          fees: feePolicy(),
          ...command,
        },
        (line) => lines.push(line),
      );
    } finally {
      sale.till.restart();
    }
    expect(lines).toHaveLength(1);
    return lines[0] ?? {};
  };

  it("give back once, however often they are called, and print the same line", async () => {
    const sale = await sell();
    await settle(sale, false);
    expect(await codeOfRejection(lineOf(sale, { kind: "release" }))).toBe("ALREADY_PAID");
    expect(await codeOfRejection(lineOf(sale, { keyFile: chain.keyFile(2) }))).toBe("NOT_PAYEE_KEY");
    expect(await codeOfRejection(lineOf(sale, { amount: "4.01" }))).toBe("REFUND_ABOVE_PAYMENT");
    const told = await lineOf(sale, { amount: "1.00" });
    expect(told).toMatchObject({
      schema: "tallystick.refund/1",
      tx: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      block: expect.any(Number),
      amount: "1.00",
      card: toHex(addressOfKey(sale.card.signer.publicKey)),
      voucher: toHex(sale.voucherId),
    });
    expect(await lineOf(sale, { amount: "1.00" })).toEqual(told);
    expect(await codeOfRejection(lineOf(sale, { amount: "2.00" }))).toBe("REFUND_DIFFERS");
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED - PRICE + 1_000_000n);
    expect(await lineOf(sale, { refundId: "rest" })).toMatchObject({ amount: "3.00" });
    expect(await chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("give up what the chain has not paid, without any settlement", async () => {
    const sale = await sell({}, "http://127.0.0.1:1");
    expect(await codeOfRejection(lineOf(sale, {}))).toBe("NOT_PAID_YET");
    expect(await lineOf(sale, { kind: "release" })).toMatchObject({ schema: "tallystick.release/1", amount: "4.00" });
    expect(sale.till.gateway.journal.cancellations.has(sale.tapId)).toBe(true);
    await settle(sale, false);
    expect(await chain.owed()).toBe(0n);
    expect(await codeOfRejection(lineOf(sale, { voucher: `0x${"11".repeat(32)}` }))).toBe("VOUCHER_UNKNOWN");
  });
});
