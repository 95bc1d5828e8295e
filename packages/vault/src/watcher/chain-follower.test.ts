import { describe, expect, it } from "@jest/globals";
import {
  type BlockReference,
  type ChainReader,
  type FinalRange,
  followChain,
  type FollowerStore,
  type RawLog,
} from "../index.ts";

/** Blocks 0 to `latest`, each with one log that carries its number. */
function chainOf({ latest, finalized, fork = "" }: { latest: number; finalized: number; fork?: string }): ChainReader {
  const block = (number: bigint): BlockReference => ({ number, hash: `block ${number}${fork}` });
  const log = (number: number): RawLog => ({
    ...{ blockNumber: BigInt(number), transactionHash: "", topics: [] },
    data: Uint8Array.of(number),
  });
  return {
    newest: async (tag) => block(BigInt(tag === "latest" ? latest : finalized)),
    block: async (number) => (number > BigInt(latest) ? null : block(number)),
    logs: async (from, to) => Array.from({ length: Number(to - from) + 1 }, (_, index) => log(Number(from) + index)),
    transactionInput: async () => null,
  };
}

class MemoryStore implements FollowerStore<number> {
  at: BlockReference | null = null;
  readonly ranges: FinalRange<number>[] = [];
  cursor = async (): Promise<BlockReference | null> => this.at;
  takeIn = async (range: FinalRange<number>): Promise<void> => {
    this.ranges.push(range);
    this.at = range.last;
  };
}

const follow = (chain: ChainReader, store: FollowerStore<number>, startBlock = 0n) =>
  followChain({ chain, store, startBlock, rangeBlocks: 3n, decode: async ({ data }) => data[0] ?? -1 });

describe("followChain", () => {
  it("takes final blocks in, range by range and each once, and shows the later ones", async () => {
    const store = new MemoryStore();
    const first = await follow(chainOf({ latest: 9, finalized: 7 }), store, 1n);
    expect(store.ranges.map(({ events }) => events)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(first.latest).toEqual([8, 9]);
    const second = await follow(chainOf({ latest: 14, finalized: 8 }), store, 1n);
    expect(store.ranges.slice(3).map(({ after, events }) => [after?.number, events])).toEqual([[7n, [8]]]);
    expect(second.latest).toEqual([9, 10, 11, 12, 13, 14]);
  });

  it("goes on where another process has moved the cursor meanwhile", async () => {
    const store = new MemoryStore();
    const racing: FollowerStore<number> = {
      cursor: store.cursor,
      takeIn: async () => {
        store.at = { number: 5n, hash: "block 5" };
      },
    };
    const { latest } = await follow(chainOf({ latest: 6, finalized: 5 }), racing);
    expect(latest).toEqual([6]);
    expect(store.ranges).toEqual([]);
  });

  it("shows no block twice while the node lags behind the cursor", async () => {
    const store = new MemoryStore();
    store.at = { number: 7n, hash: "block 7" };
    const view = await follow(chainOf({ latest: 6, finalized: 4 }), store);
    expect(view.latest).toEqual([]);
    expect(store.ranges).toEqual([]);
    expect((await follow(chainOf({ latest: 9, finalized: 4 }), store)).latest).toEqual([8, 9]);
  });

  it("takes nothing in when the cursor's block is another one or is not shown", async () => {
    const store = new MemoryStore();
    store.at = { number: 3n, hash: "block 3" };
    await expect(follow(chainOf({ latest: 9, finalized: 7, fork: "'" }), store)).rejects.toMatchObject({
      code: "FINAL_BLOCK_GONE",
    });
    const silent = { ...chainOf({ latest: 9, finalized: 7 }), block: async () => null };
    await expect(follow(silent, store)).rejects.toMatchObject({ code: "BLOCK_UNKNOWN" });
    expect(store.ranges).toEqual([]);
  });

  it("leaves the cursor where it was when a range cannot be kept", async () => {
    const store = new MemoryStore();
    const failing: FollowerStore<number> = {
      cursor: store.cursor,
      takeIn: async (range) => {
        if (range.events.includes(4)) throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
        await store.takeIn(range);
      },
    };
    const following = follow(chainOf({ latest: 9, finalized: 7 }), failing);
    await expect(following).rejects.toMatchObject({ code: "ENOSPC" });
    expect(store.at?.number).toBe(2n);
    await follow(chainOf({ latest: 9, finalized: 7 }), store);
    expect(store.ranges.flatMap(({ events }) => events)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
