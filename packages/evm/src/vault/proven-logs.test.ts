import { beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { getBytes, keccak256 } from "ethers";
import type { ChainBlock, ChainLog, ChainRpc } from "../rpc/chain-rpc.ts";
import { proveLogs } from "./proven-logs.ts";

const bytes = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill);
const [vault, token, elsewhere] = [bytes(1, 20), bytes(2, 20), bytes(3, 20)];
const [transfer, other, account] = [bytes(11), bytes(12), bytes(13)];
const watched = [{ address: vault }, { address: token, topics: [[transfer, bytes(19)], account] }];

/** A bloom of these values: the lowest eleven bits of each of the first three pairs of the hash. */
function bloomOf(values: readonly Uint8Array[]): Uint8Array {
  const bloom = new Uint8Array(256);
  for (const value of values) {
    const hash = getBytes(keccak256(value));
    for (const pair of [0, 2, 4]) {
      const bit = (((hash[pair] ?? 0) << 8) | (hash[pair + 1] ?? 0)) & 2_047;
      bloom[255 - (bit >> 3)] = (bloom[255 - (bit >> 3)] ?? 0) | (1 << (bit & 7));
    }
  }
  return bloom;
}

/** Blocks 10 to 14, of which 11 holds an event of the vault and 13 a transfer. */
class Chain {
  readonly blocks = new Map<bigint, ChainBlock>();
  readonly receipts = new Map<bigint, ChainLog[]>();
  readonly askedReceipts: bigint[] = [];

  constructor() {
    for (let number = 9n; number <= 14n; number += 1n) {
      const [hash, parentHash] = [bytes(Number(number)), bytes(Number(number) - 1)];
      const block = { number, hash, parentHash, timestamp: number, baseFee: 0n, logsBloom: new Uint8Array(256) };
      this.blocks.set(number, block);
      this.receipts.set(number, []);
    }
    this.add(11n, { address: vault, topics: [other] });
    this.add(13n, { address: elsewhere, topics: [transfer] });
    this.add(13n, { address: token, topics: [transfer, account] });
  }

  add(number: bigint, log: Pick<ChainLog, "address" | "topics">): void {
    const its = this.receipts.get(number) ?? [];
    const place = { blockNumber: number, blockHash: bytes(Number(number)), logIndex: its.length };
    its.push({ ...log, ...place, data: new Uint8Array(), transactionHash: bytes(90) });
    this.bloom(number, bloomOf(its.flatMap(({ address, topics }) => [address, ...topics])));
  }

  bloom(number: bigint, logsBloom: Uint8Array): void {
    this.change(number, { logsBloom });
  }

  change(number: bigint, change: Partial<ChainBlock>): void {
    const block = this.blocks.get(number);
    if (block !== undefined) this.blocks.set(number, { ...block, ...change });
  }

  get logs(): readonly ChainLog[] {
    return [...this.receipts.values()].flat().filter(({ address }) => address !== elsewhere);
  }

  async prove(logs: readonly ChainLog[] = this.logs, after: bigint | null = 9n): Promise<string> {
    const rpc = {
      block: (number: bigint) => Promise.resolve(this.blocks.get(number) ?? null),
      blockLogs: (number: bigint) => {
        this.askedReceipts.push(number);
        return Promise.resolve(this.receipts.get(number) ?? null);
      },
    } as unknown as ChainRpc;
    const reference = (number: bigint) => ({ number, hash: toHex(bytes(Number(number))) });
    const range = { after: after === null ? null : reference(after), from: 10n, last: reference(13n) };
    return proveLogs(rpc, { watched, ...range, logs }).then(
      () => "proved",
      ({ code }: { readonly code: string }) => code,
    );
  }
}

let chain: Chain;
beforeEach(() => {
  chain = new Chain();
});

describe("logs of final blocks", () => {
  it("are those of the receipts, which are read where a bloom says so alone", async () => {
    expect(await chain.prove()).toBe("proved");
    expect(chain.askedReceipts).toEqual([11n, 13n]);
    expect(await chain.prove(chain.logs, null)).toBe("proved");
  });

  it.each<[string, () => readonly ChainLog[]]>([
    ["none at all", () => []],
    ["those of one filter", () => chain.logs.slice(0, 1)],
    ["one of another block", () => chain.logs.map((log) => ({ ...log, blockHash: bytes(77) }))],
    ["one that no receipt has", () => [...chain.logs, ...chain.logs.slice(1).map((log) => ({ ...log, logIndex: 9 }))]],
    [
      "one beyond the range",
      () => [...chain.logs, ...chain.logs.slice(1).map((log) => ({ ...log, blockNumber: 14n }))],
    ],
  ])("are not believed: %s", async (_, logs) => {
    expect(await chain.prove(logs())).toBe("CONTRADICTION");
  });

  it("are believed of a block whose bloom only seems to hold them", async () => {
    chain.bloom(12n, new Uint8Array(256).fill(0xff));
    expect(await chain.prove()).toBe("proved");
    expect(chain.askedReceipts).toEqual([11n, 12n, 13n]);
    // The address alone, or a topic at another's place, is not what was asked for.
    chain.bloom(12n, bloomOf([token, transfer]));
    expect(await chain.prove()).toBe("proved");
    expect(chain.askedReceipts.slice(3)).toEqual([11n, 13n]);
  });

  it("are believed of a chain without blooms as far as they go", async () => {
    for (const number of [10n, 11n, 12n, 13n]) chain.bloom(number, new Uint8Array(256));
    expect(await chain.prove()).toBe("proved");
    expect(await chain.prove([])).toBe("proved");
    expect(await chain.prove(chain.logs.map((log) => ({ ...log, transactionHash: bytes(91) })))).toBe("CONTRADICTION");
  });

  it.each<[string, () => void]>([
    ["a block is not shown", () => chain.blocks.delete(12n)],
    ["its receipts are not shown", () => chain.receipts.delete(11n)],
    ["a block stands on another", () => chain.change(12n, { parentHash: bytes(77) })],
    ["the first stands on another than the last one taken in", () => chain.change(10n, { parentHash: bytes(77) })],
    ["the last one has another hash now", () => chain.change(13n, { hash: bytes(77) })],
    ["the one after the last stands on another", () => chain.change(14n, { parentHash: bytes(77) })],
  ])("wait where the blocks are at odds: %s", async (_, spoil) => {
    const { logs } = chain;
    spoil();
    expect(await chain.prove(logs)).toBe("CONTRADICTION");
  });

  it("need no block after the last one", async () => {
    chain.blocks.delete(14n);
    expect(await chain.prove()).toBe("proved");
  });
});
