import { beforeAll, describe, expect, it } from "@jest/globals";
import { LedgerError } from "../model/errors.ts";
import { LogFrontier, type ReadNodes } from "./log-frontier.ts";
import { leafHash, treeHead } from "./merkle-hash.ts";
import { rangeHashes, SparseLog } from "./sparse-proof.ts";

describe("a sparse proof", () => {
  const leaves = Array.from({ length: 700 }, (_, index) => leafHash(Uint8Array.of(index % 256, index >> 8)));
  const frontierNodes = new Map<string, Uint8Array>();
  const read: ReadNodes = async (level, from, count) =>
    await Promise.resolve(
      Array.from({ length: count }, (_, place) => frontierNodes.get(`${level}:${from + place}`) as Uint8Array),
    );
  beforeAll(async () => {
    const frontier = await LogFrontier.read(0, read);
    for (const { tileLevel, position, hash } of frontier.append(leaves))
      frontierNodes.set(`${tileLevel}:${position}`, hash);
  });

  it.each([
    [1, [0]],
    [7, [2, 3, 6]],
    [256, [0, 255]],
    [700, [5, 17, 300, 699]],
    [700, []],
    [699, [256, 257, 511, 512]],
  ] as const)("of a log of %d with the leaves %j comes to its head", async (size, shown) => {
    const log = new SparseLog();
    const hashes: (readonly Uint8Array[])[] = [];
    for (const to of [...shown, size]) {
      const between = await rangeHashes({ from: log.size, to }, read);
      hashes.push(between);
      log.addHashes(to, between);
      if (to < size) log.addLeaf(leaves[to] as Uint8Array);
    }
    expect(log.root()).toEqual(treeHead(leaves.slice(0, size)));
    expect(log.size).toBe(size);
    // A leaf that is left out, or hashes of another gap, come to no head.
    if (shown.length < 2) return;
    const other = new SparseLog();
    expect(() => other.addHashes((shown[0] ?? 0) + 1, hashes[1] ?? [])).toThrow(LedgerError);
  });
});
