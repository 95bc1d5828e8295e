import { describe, expect, it } from "@jest/globals";
import { AgreeingRpc } from "./agreeing-rpc.ts";
import type { ChainBlock, ChainLog, ChainReceipt, ChainRpc } from "./chain-rpc.ts";
import { RpcError } from "./rpc-error.ts";

/** A node that answers what the test gives and throws for everything else. */
function node(answers: Partial<ChainRpc>): ChainRpc {
  return new Proxy(answers as ChainRpc, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (method !== undefined) return method;
      return () => Promise.reject(new Error(`The test did not ask for ${String(name)}.`));
    },
  });
}

const bytes = (fill: number) => Buffer.alloc(32, fill);
const block = (number: bigint, fill = 1): ChainBlock => ({ number, hash: bytes(fill), timestamp: number, baseFee: 1n });
const receipt = (change: Partial<ChainReceipt> = {}): ChainReceipt => ({
  transactionHash: bytes(9),
  blockNumber: 5n,
  blockHash: bytes(1),
  succeeded: true,
  ...change,
});
const log = (change: Partial<ChainLog> = {}): ChainLog => ({
  address: Buffer.alloc(20, 1),
  topics: [bytes(2)],
  data: bytes(3),
  blockNumber: 5n,
  blockHash: bytes(1),
  transactionHash: bytes(9),
  logIndex: 0,
  ...change,
});
const answering =
  <T>(value: T) =>
  () =>
    Promise.resolve(value);

describe("AgreeingRpc", () => {
  it("takes as final what both nodes have reached", async () => {
    const ahead = node({ block: (tag) => Promise.resolve(block(tag === "finalized" ? 9n : (tag as bigint))) });
    const behind = node({ block: (tag) => Promise.resolve(block(tag === "finalized" ? 7n : (tag as bigint))) });
    expect((await new AgreeingRpc(ahead, behind).block("finalized"))?.number).toBe(7n);
    expect((await new AgreeingRpc(behind, ahead).block("finalized"))?.number).toBe(7n);
  });

  it("takes as newest what both have, and compares the hash of what is final", async () => {
    const at = (number: bigint, fill = 1) =>
      node({ block: (tag) => Promise.resolve(block(typeof tag === "bigint" ? tag : number, fill)) });
    expect((await new AgreeingRpc(at(9n), at(7n)).block("latest"))?.number).toBe(7n);
    expect((await new AgreeingRpc(at(7n), at(9n)).block("latest"))?.number).toBe(7n);
    for (const numbers of [
      [7n, 7n],
      [7n, 9n],
      [9n, 7n],
    ] as const) {
      const lying = new AgreeingRpc(at(numbers[0], 1), at(numbers[1], 2));
      await expect(lying.block("finalized")).rejects.toMatchObject({ code: "CONTRADICTION" });
    }
  });

  it("believes neither where one says that a call is undone, and both where both do", async () => {
    const undone = node({ call: () => Promise.reject(new RpcError("REVERTED", "execution reverted")) });
    const running = node({ call: answering(bytes(1)) });
    const away = node({ call: () => Promise.reject(new RpcError("UNREACHABLE", "away")) });
    const call = { to: bytes(1), data: bytes(1) };
    for (const [one, other, code] of [
      [undone, running, "CONTRADICTION"],
      [running, undone, "CONTRADICTION"],
      [undone, undone, "REVERTED"],
      [away, running, "UNREACHABLE"],
      [running, away, "UNREACHABLE"],
    ] as const) {
      await expect(new AgreeingRpc(one, other).call(call, 5n)).rejects.toMatchObject({ code });
    }
  });

  it("shows the events of receipts that both show alike", async () => {
    const showing = (logs: readonly ChainLog[] | null) =>
      node({ receiptLogs: answering(logs), blockLogs: answering(logs) });
    const same = new AgreeingRpc(showing([log()]), showing([log()]));
    expect([await same.receiptLogs(bytes(9)), await same.blockLogs(5n)]).toEqual([[log()], [log()]]);
    const lagging = new AgreeingRpc(showing([log()]), showing(null));
    expect([await lagging.receiptLogs(bytes(9)), await lagging.blockLogs(5n)]).toEqual([null, null]);
    const lying = new AgreeingRpc(showing([log()]), showing([]));
    await expect(lying.receiptLogs(bytes(9))).rejects.toMatchObject({ code: "CONTRADICTION" });
    await expect(lying.blockLogs(5n)).rejects.toMatchObject({ code: "CONTRADICTION" });
  });

  it("believes neither where a block has two hashes", async () => {
    const rpc = new AgreeingRpc(node({ block: answering(block(4n, 1)) }), node({ block: answering(block(4n, 2)) }));
    await expect(rpc.block(4n)).rejects.toMatchObject({ code: "CONTRADICTION" });
  });

  it.each([
    ["only one has it", null],
    ["another block", receipt({ blockHash: bytes(7) })],
    ["another outcome", receipt({ succeeded: false })],
  ])("sees no receipt where %s", async (_name, other) => {
    const [one, two] = [node({ receipt: answering(receipt()) }), node({ receipt: answering(other) })];
    expect(await new AgreeingRpc(one, two).receipt(bytes(9))).toBeNull();
    expect(await new AgreeingRpc(two, one).receipt(bytes(9))).toBeNull();
  });

  it("sees a receipt that both have", async () => {
    const rpc = new AgreeingRpc(node({ receipt: answering(receipt()) }), node({ receipt: answering(receipt()) }));
    expect(await rpc.receipt(bytes(9))).toEqual(receipt());
  });

  it.each([
    ["a missing event", []],
    ["other data", [log({ data: bytes(4) })]],
    ["another place", [log({ logIndex: 1 })]],
    ["other topics", [log({ topics: [] })]],
  ])("waits where the nodes show different events: %s", async (_name, other) => {
    const rpc = new AgreeingRpc(node({ logs: answering([log()]) }), node({ logs: answering(other) }));
    await expect(rpc.logs({ from: 1n, to: 2n, address: Buffer.alloc(20) })).rejects.toMatchObject({
      code: "CONTRADICTION",
    });
  });

  it("waits where a final read differs", async () => {
    const rpc = new AgreeingRpc(node({ call: answering(bytes(1)) }), node({ call: answering(bytes(2)) }));
    await expect(rpc.call({ to: bytes(1), data: bytes(1) }, 5n)).rejects.toMatchObject({ code: "CONTRADICTION" });
  });

  it("sends to both and is content with one", async () => {
    const refusing = node({ sendRaw: () => Promise.reject(new RpcError("NONCE_TOO_LOW", "nonce too low")) });
    const taking = node({ sendRaw: answering(undefined) });
    await new AgreeingRpc(refusing, taking).sendRaw(bytes(1));
    await new AgreeingRpc(taking, refusing).sendRaw(bytes(1));
    await expect(new AgreeingRpc(refusing, refusing).sendRaw(bytes(1))).rejects.toMatchObject({
      code: "NONCE_TOO_LOW",
    });
  });

  it("gives a nonce up only when both say that it is finally used", async () => {
    const rpc = new AgreeingRpc(node({ transactionCount: answering(8n) }), node({ transactionCount: answering(6n) }));
    expect(await rpc.transactionCount(bytes(1), "finalized")).toBe(6n);
    expect(await rpc.transactionCount(bytes(1), "latest")).toBe(8n);
  });

  it("knows its chain where both name the same one", async () => {
    const on = (id: bigint) => node({ chainId: answering(id) });
    expect(await new AgreeingRpc(on(1n), on(1n)).chainId()).toBe(1n);
    await expect(new AgreeingRpc(on(1n), on(5n)).chainId()).rejects.toMatchObject({ code: "CONTRADICTION" });
  });

  it.each<["latest" | "finalized" | bigint]>([["latest"], ["finalized"], [4n]])(
    "has no block %s that only one of them has",
    async (tag) => {
      const [having, lacking] = [node({ block: answering(block(4n)) }), node({ block: answering(null) })];
      expect(await new AgreeingRpc(having, lacking).block(tag)).toBeNull();
      expect(await new AgreeingRpc(lacking, having).block(tag)).toBeNull();
    },
  );

  it("has the first node's newest block, and one block by its number where both agree", async () => {
    const [one, other] = [node({ block: answering(block(4n, 1)) }), node({ block: answering(block(5n, 2)) })];
    expect(await new AgreeingRpc(one, other).block("latest")).toEqual(block(4n, 1));
    expect(await new AgreeingRpc(one, one).block(4n)).toEqual(block(4n, 1));
  });

  it("does not look a final block up again that both have reached", async () => {
    const asked: unknown[] = [];
    const both = node({
      block: (tag) => {
        asked.push(tag);
        return Promise.resolve(block(7n));
      },
    });
    expect((await new AgreeingRpc(both, both).block("finalized"))?.number).toBe(7n);
    expect(asked).toEqual(["finalized", "finalized"]);
  });

  it("reads the newest view of the first node alone, and a final one of both at one block", async () => {
    const seen: unknown[] = [];
    const reading = (answer: number, height: bigint) =>
      node({
        block: (tag) => Promise.resolve(block(tag === "finalized" ? height : (tag as bigint))),
        call: (_call, tag) => {
          seen.push(tag);
          return Promise.resolve(bytes(answer));
        },
      });
    const asked = { to: bytes(1), data: bytes(1) };
    expect(await new AgreeingRpc(reading(1, 9n), node({})).call(asked, "latest")).toEqual(bytes(1));
    expect(await new AgreeingRpc(reading(1, 9n), reading(1, 7n)).call(asked, "finalized")).toEqual(bytes(1));
    expect(await new AgreeingRpc(reading(1, 9n), reading(1, 7n)).call(asked, 3n)).toEqual(bytes(1));
    expect(seen).toEqual(["latest", 7n, 7n, 3n, 3n]);
  });

  it("reads by the tag itself where no final block is known yet", async () => {
    const seen: unknown[] = [];
    const young = node({
      block: answering(null),
      call: (_call, tag) => {
        seen.push(tag);
        return Promise.resolve(bytes(1));
      },
    });
    await new AgreeingRpc(young, young).call({ to: bytes(1), data: bytes(1) }, "finalized");
    expect(seen).toEqual(["finalized", "finalized"]);
  });

  it("asks the first node alone what a transaction would cost and what an account holds", async () => {
    const first = node({ estimateGas: answering(21n), priorityFee: answering(2n), balance: answering(77n) });
    const rpc = new AgreeingRpc(first, node({}));
    expect(await rpc.estimateGas({ to: bytes(1), data: bytes(1) })).toBe(21n);
    expect(await rpc.priorityFee()).toBe(2n);
    expect(await rpc.balance(bytes(1), "latest")).toBe(77n);
  });

  it("counts a pending nonce as the newest one, from whichever node is ahead", async () => {
    const counting = (count: bigint) => node({ transactionCount: answering(count) });
    for (const tag of ["pending", "latest"] as const) {
      expect(await new AgreeingRpc(counting(6n), counting(8n)).transactionCount(bytes(1), tag)).toBe(8n);
      expect(await new AgreeingRpc(counting(8n), counting(6n)).transactionCount(bytes(1), tag)).toBe(8n);
    }
    expect(await new AgreeingRpc(counting(6n), counting(8n)).transactionCount(bytes(1), "finalized")).toBe(6n);
    expect(await new AgreeingRpc(counting(8n), counting(6n)).transactionCount(bytes(1), "finalized")).toBe(6n);
  });

  it("shows a transaction that both have with the same calldata, and believes neither otherwise", async () => {
    const sent = (input: number) => ({ from: bytes(1), to: bytes(2), input: bytes(input) });
    const having = node({ transaction: answering(sent(3)) });
    const lacking = node({ transaction: answering(null) });
    expect(await new AgreeingRpc(having, having).transaction(bytes(9))).toEqual(sent(3));
    expect(await new AgreeingRpc(having, lacking).transaction(bytes(9))).toBeNull();
    expect(await new AgreeingRpc(lacking, having).transaction(bytes(9))).toBeNull();
    const other = node({ transaction: answering(sent(4)) });
    await expect(new AgreeingRpc(having, other).transaction(bytes(9))).rejects.toMatchObject({ code: "CONTRADICTION" });
  });

  it("shows events that both have", async () => {
    const both = [log({ topics: [bytes(2), bytes(5)] }), log({ logIndex: 1, topics: [] })];
    const rpc = new AgreeingRpc(node({ logs: answering(both) }), node({ logs: answering(both) }));
    expect(await rpc.logs({ from: 1n, to: 2n, address: Buffer.alloc(20) })).toEqual(both);
  });

  it.each<[string, ChainLog[], ChainLog[]]>([
    ["one more of the second node", [log()], [log(), log({ logIndex: 1 })]],
    ["another second event", [log(), log({ logIndex: 1 })], [log(), log({ logIndex: 2 })]],
    ["another first event", [log(), log({ logIndex: 1 })], [log({ logIndex: 5 }), log({ logIndex: 1 })]],
    ["another block", [log()], [log({ blockHash: bytes(7) })]],
    ["another transaction", [log()], [log({ transactionHash: bytes(7) })]],
    ["another contract", [log()], [log({ address: Buffer.alloc(20, 7) })]],
    ["one topic more", [log()], [log({ topics: [bytes(2), bytes(3)] })]],
    ["one topic less", [log({ topics: [bytes(2), bytes(3)] })], [log()]],
    ["another last topic", [log({ topics: [bytes(2), bytes(3)] })], [log({ topics: [bytes(2), bytes(4)] })]],
  ])("waits where the nodes show different events: %s", async (_name, one, other) => {
    const rpc = new AgreeingRpc(node({ logs: answering(one) }), node({ logs: answering(other) }));
    await expect(rpc.logs({ from: 1n, to: 2n, address: Buffer.alloc(20) })).rejects.toMatchObject({
      code: "CONTRADICTION",
    });
  });
});
