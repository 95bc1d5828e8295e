import { describe, expect, it } from "@jest/globals";
import { AbiCoder, id, Interface, type InterfaceAbi, keccak256 } from "ethers";
import { fromHex } from "@tallystick/protocol";
import { type BlockReference, type ChainReader, type RawLog, vaultAbi, VaultWatcher } from "../index.ts";

const contract = new Interface(vaultAbi as unknown as InterfaceAbi);
const CARD = `0x${"c1".repeat(20)}`;
const SHOP = `0x${"5a".repeat(20)}`;
const OWNER = `0x${"0e".repeat(20)}`;

type Emitted = readonly [name: string, ...values: unknown[]];

/** A chain held in memory, whose newest blocks can be taken back and replaced. */
class TestChain implements ChainReader {
  readonly blocks: { hash: string; logs: RawLog[] }[] = [];
  finalDepth = 2n;
  private made = 0;
  readonly inputs = new Map<string, Uint8Array>();

  add(...events: Emitted[]): void {
    const blockNumber = BigInt(this.blocks.length);
    this.made += 1;
    const logs = events.map(([name, ...values]): RawLog => {
      const { topics, data } = contract.encodeEventLog(name, values);
      return {
        blockNumber,
        transactionHash: id(`transaction ${this.made}`),
        topics: topics.map((topic) => fromHex(topic)),
        data: fromHex(data),
      };
    });
    this.blocks.push({ hash: id(`block ${this.made}`), logs });
  }

  takeBack(count: number): void {
    this.blocks.splice(-count);
  }

  newest = async (tag: "latest" | "finalized"): Promise<BlockReference> => {
    const number = BigInt(this.blocks.length - 1) - (tag === "finalized" ? this.finalDepth : 0n);
    return { number, hash: this.blocks[Number(number)]?.hash ?? "" };
  };
  block = async (number: bigint): Promise<BlockReference | null> => {
    const block = this.blocks[Number(number)];
    return block === undefined ? null : { number, hash: block.hash };
  };
  logs = async (from: bigint, to: bigint): Promise<readonly RawLog[]> =>
    this.blocks.slice(Number(from), Number(to) + 1).flatMap(({ logs }) => logs);
  transactionInput = async (hash: string): Promise<Uint8Array | null> => this.inputs.get(hash) ?? null;
}

/** A payload of vouchers of one card to one shop, by counter and amount. */
function payloadOf(vouchers: readonly (readonly [number, number])[]): string {
  const hex = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, "0");
  const items = vouchers.map(([counter, amount]) => hex(counter, 4) + hex(amount, 6) + "00".repeat(84));
  return `0x${"00".repeat(64)}0001${SHOP.slice(2)}0000${CARD.slice(2)}${hex(vouchers.length, 2)}${items.join("")}`;
}

function settled(payload: string, result: string, shown: boolean): Emitted {
  return [
    "Settled",
    OWNER,
    keccak256(payload),
    `0x${"00".repeat(32)}`,
    `0x${"00".repeat(32)}`,
    result,
    shown ? payload : "0x",
  ];
}

function opened(): TestChain {
  const chain = new TestChain();
  chain.add();
  chain.add(["Opened", CARD, OWNER], ["Funded", CARD, OWNER, 1_000n]);
  return chain;
}

const card = fromHex(CARD);
const shop = fromHex(SHOP);

describe("VaultWatcher", () => {
  it("rebuilds balances, counters and earnings from events and payloads", async () => {
    const chain = opened();
    chain.add(
      settled(
        payloadOf([
          [1, 300],
          [2, 50],
          [3, 7],
        ]),
        "0x05",
        true,
      ),
    );
    chain.add(
      ["Released", CARD, SHOP, 4, 9n],
      ["Voided", CARD, 5],
      ["Refunded", SHOP, CARD, 40n, 30n],
      ["Withdrawn", SHOP, SHOP, 100n],
    );
    chain.add(["WithdrawalRequested", CARD, 60n, 77n]);
    const { latest } = await new VaultWatcher({ chain, startBlock: 0n }).pass();
    expect(latest.card(card)).toMatchObject({
      balance: 733n,
      paid: 307n,
      pending: 60n,
      readyAt: 77n,
      owner: OWNER,
      flagged: false,
    });
    expect([1, 2, 3, 4, 5, 6].map((counter) => latest.card(card)?.counters.isUsed(counter))).toEqual([
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(latest.merchant(shop)).toEqual({ earned: 307n, withdrawn: 130n });
    chain.add(
      ["CardWithdrawn", CARD, OWNER, 60n],
      ["EquivocationProved", CARD, "0x01", "0x02"],
      ["Advanced", CARD, 900n],
    );
    const later = (await new VaultWatcher({ chain, startBlock: 0n }).pass()).latest.card(card);
    expect(later).toMatchObject({ balance: 673n, pending: 0n, flagged: true });
    expect(later?.counters.save().base).toBe(900);
    expect(later?.counters.isUsed(2)).toBe(false);
  });

  it("rebuilds delegates, reserves and what was given back", async () => {
    const chain = opened();
    const [key, nobody, id] = [`0x${"de".repeat(20)}`, `0x${"00".repeat(20)}`, `0x${"1d".repeat(32)}`];
    chain.add(["DelegateSet", SHOP, key, 500n], ["ReserveSet", SHOP, 70n]);
    chain.add(["Refunded", SHOP, CARD, 40n, 40n], ["Returned", SHOP, key, id, 40n, 20_000]);
    chain.add(["Released", CARD, SHOP, 4, 9n], ["Returned", SHOP, nobody, id, 9n, 20_000]);
    const { latest } = await new VaultWatcher({ chain, startBlock: 0n }).pass();
    const delegate = fromHex(key);
    expect(latest.returns.delegate({ payee: shop, delegate })).toEqual({ unitsPerDay: 500n, used: 40n, day: 20_000 });
    expect(latest.returns.reserve(shop)).toBe(70n);
    expect(latest.returns.returned(fromHex(id))).toBe(49n);
    expect(latest.card(card)?.balance).toBe(1_040n);
  });

  it("reads a payload from the calldata when the event does not show it, and refuses another one", async () => {
    const chain = opened();
    const payload = payloadOf([[1, 300]]);
    chain.add(settled(payload, "0x01", false));
    const hash = chain.blocks[2]?.logs[0]?.transactionHash ?? "";
    await expect(new VaultWatcher({ chain, startBlock: 0n }).pass()).rejects.toMatchObject({ code: "PAYLOAD_MISSING" });
    chain.inputs.set(hash, fromHex(contract.encodeFunctionData("settle", [payloadOf([[1, 301]])])));
    await expect(new VaultWatcher({ chain, startBlock: 0n }).pass()).rejects.toMatchObject({ code: "PAYLOAD_MISSING" });
    chain.inputs.set(hash, fromHex(contract.encodeFunctionData("settle", [payload])));
    expect((await new VaultWatcher({ chain, startBlock: 0n }).pass()).latest.merchant(shop).earned).toBe(300n);
  });

  it("follows a reorganisation of blocks that are not final", async () => {
    const chain = opened();
    const watcher = new VaultWatcher({ chain, startBlock: 0n });
    chain.add(["Funded", CARD, OWNER, 5n]);
    chain.add(["Funded", CARD, OWNER, 70n]);
    expect((await watcher.pass()).latest.card(card)?.balance).toBe(1_075n);
    chain.takeBack(1);
    chain.add(["Funded", CARD, OWNER, 200n]);
    chain.add();
    const view = await watcher.pass();
    expect(view.latest.card(card)?.balance).toBe(1_205n);
    expect(view.final.card(card)?.balance).toBe(1_005n);
  });

  it("says so when a final block is gone", async () => {
    const chain = opened();
    chain.add();
    chain.add();
    const watcher = new VaultWatcher({ chain, startBlock: 0n });
    await watcher.pass();
    chain.takeBack(3);
    for (let i = 0; i < 4; i += 1) chain.add();
    await expect(watcher.pass()).rejects.toMatchObject({ code: "FINAL_BLOCK_GONE" });
  });

  it("goes on from what it saved, and reports each final event once", async () => {
    const chain = opened();
    chain.add(settled(payloadOf([[200, 300]]), "0x01", true));
    chain.add();
    chain.add();
    const first = new VaultWatcher({ chain, startBlock: 0n });
    expect((await first.pass()).newlyFinal.map(({ kind }) => kind)).toEqual(["opened", "funded", "settled"]);
    expect((await first.pass()).newlyFinal).toEqual([]);
    const saved = JSON.parse(JSON.stringify(first.save()));
    chain.add(["Funded", CARD, OWNER, 1n]);
    chain.add();
    chain.add();
    const second = await new VaultWatcher({ chain, startBlock: 0n, saved }).pass();
    expect(second.newlyFinal.map(({ kind }) => kind)).toEqual(["funded"]);
    expect(second.final.save()).toEqual((await new VaultWatcher({ chain, startBlock: 0n }).pass()).final.save());
  });

  it("gives up when the newest block keeps changing, and names an event that it does not know", async () => {
    const chain = opened();
    const restless: ChainReader = {
      ...chain,
      newest: chain.newest,
      block: async () => ({ number: 0n, hash: id("other") }),
    };
    chain.finalDepth = 1n;
    await expect(new VaultWatcher({ chain: restless, startBlock: 1n }).pass()).rejects.toMatchObject({
      code: "CHAIN_UNSTEADY",
    });
    const strange: RawLog = {
      blockNumber: 1n,
      transactionHash: id("x"),
      topics: [fromHex(id("Strange()"))],
      data: fromHex(AbiCoder.defaultAbiCoder().encode([], [])),
    };
    chain.blocks[1]?.logs.push(strange);
    await expect(new VaultWatcher({ chain, startBlock: 0n }).pass()).rejects.toMatchObject({ code: "UNKNOWN_EVENT" });
  });
});
