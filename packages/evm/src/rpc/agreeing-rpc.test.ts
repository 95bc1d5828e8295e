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

  it("believes neither where a block has two hashes", async () => {
    const rpc = new AgreeingRpc(node({ block: answering(block(4n, 1)) }), node({ block: answering(block(4n, 2)) }));
    await expect(rpc.block(4n)).rejects.toMatchObject({ code: "UNREACHABLE" });
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
      code: "UNREACHABLE",
    });
  });

  it("waits where a final read differs", async () => {
    const rpc = new AgreeingRpc(node({ call: answering(bytes(1)) }), node({ call: answering(bytes(2)) }));
    await expect(rpc.call({ to: bytes(1), data: bytes(1) }, 5n)).rejects.toMatchObject({ code: "UNREACHABLE" });
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
});
