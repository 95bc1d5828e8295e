import { describe, expect, it } from "@jest/globals";
import { LOG_RANGE_PROOFS } from "../limits.ts";
import type { ChainLog } from "../rpc/chain-rpc.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { LogRanges } from "./log-ranges.ts";

/** One log a block. */
const logOf = (blockNumber: bigint): ChainLog => ({
  ...{ address: new Uint8Array(20), topics: [], data: new Uint8Array(), blockNumber, logIndex: 0 },
  ...{ blockHash: new Uint8Array(32), transactionHash: new Uint8Array(32) },
});

/** A node that allows so many blocks at once, and may propose a range. */
class LimitedNode {
  allowed: bigint;
  code: "RANGE_TOO_WIDE" | "ANSWER_TOO_LARGE" = "RANGE_TOO_WIDE";
  proposes = false;
  readonly asked: bigint[] = [];

  constructor(allowed: bigint) {
    this.allowed = allowed;
  }

  readonly ask = (from: bigint, to: bigint): Promise<readonly ChainLog[]> => {
    const width = to - from + 1n;
    this.asked.push(width);
    if (width > this.allowed) {
      const last = from + this.allowed - 1n;
      const words = this.proposes
        ? `Try with this block range [0x${from.toString(16)}, 0x${last.toString(16)}].`
        : "no";
      return Promise.reject(new RpcError(this.code, words));
    }
    return Promise.resolve(Array.from({ length: Number(width) }, (_, index) => logOf(from + BigInt(index))));
  };
}

const numbers = (logs: readonly ChainLog[]): bigint[] => logs.map(({ blockNumber }) => blockNumber);
const from100 = (count: number): bigint[] => Array.from({ length: count }, (_, index) => 100n + BigInt(index));

describe("ranges of logs", () => {
  it.each(["RANGE_TOO_WIDE", "ANSWER_TOO_LARGE"] as const)("are halved where they are refused: %s", async (code) => {
    const node = new LimitedNode(10n);
    node.code = code;
    const ranges = new LogRanges();
    expect(numbers(await ranges.read(100n, 139n, node.ask))).toEqual(from100(40));
    expect(node.asked).toEqual([40n, 20n, 10n, 10n, 10n, 10n]);
    node.asked.splice(0);
    await ranges.read(100n, 119n, node.ask);
    expect(node.asked).toEqual([10n, 10n]);
  });

  it("are those that the node proposes", async () => {
    const node = new LimitedNode(7n);
    node.proposes = true;
    expect(numbers(await new LogRanges().read(100n, 120n, node.ask))).toEqual(from100(21));
    expect(node.asked).toEqual([21n, 7n, 7n, 7n]);
  });

  it("grow again after a while", async () => {
    const node = new LimitedNode(4n);
    const ranges = new LogRanges();
    await ranges.read(100n, 107n, node.ask);
    node.allowed = 1_000n;
    node.asked.splice(0);
    const blocks = 4 * LOG_RANGE_PROOFS + 60;
    expect(await ranges.read(100n, 99n + BigInt(blocks), node.ask)).toHaveLength(blocks);
    expect(node.asked.slice(-2)[0]).toBe(8n);
  });

  it("end with the node's refusal where a single block is too much, and with any other fault", async () => {
    await expect(new LogRanges().read(1n, 3n, new LimitedNode(0n).ask)).rejects.toMatchObject({
      code: "RANGE_TOO_WIDE",
    });
    const away = () => Promise.reject(new RpcError("UNREACHABLE", "away"));
    await expect(new LogRanges().read(1n, 3n, away)).rejects.toMatchObject({ code: "UNREACHABLE" });
  });
});
