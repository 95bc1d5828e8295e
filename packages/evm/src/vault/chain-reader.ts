import { fromHex, toHex } from "@tallystick/protocol";
import type { BlockReference, ChainReader, RawLog } from "@tallystick/vault";
import type { BlockTag, ChainLog, ChainRpc, LogFilter } from "../rpc/chain-rpc.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { proveLogs } from "./proven-logs.ts";
import { RecentInputs } from "./recent-inputs.ts";

/** A block of the chain with its time, seconds. */
export interface TimedBlock extends BlockReference {
  readonly timestamp: bigint;
}

/** A log with its place on the chain. */
export interface PlacedLog extends RawLog {
  readonly address: Uint8Array;
  readonly blockHash: Uint8Array;
  readonly logIndex: number;
}

/** Which logs concern the application, whatever their blocks. */
export type WatchedLogs = Omit<LogFilter, "from" | "to">;

/**
 * A node as the follower of packages/vault reads it. Logs that several filters find come once, in
 * the order of the chain. Rejects with RpcError.
 */
export function createChainReader(rpc: ChainRpc, watched: readonly WatchedLogs[]): ChainReader<TimedBlock, PlacedLog> {
  // A pass reads the same unfinal transactions as the one before it, and calldata never changes
  // under its hash.
  const inputs = new RecentInputs(async (hash) => (await rpc.transaction(fromHex(hash, 32)))?.input ?? null);
  return {
    newest: async (tag) => {
      const block = await timedBlock(rpc, tag);
      if (block === null) throw new RpcError("UNREACHABLE", `The node has no ${tag} block.`);
      return block;
    },
    block: (number) => timedBlock(rpc, number),
    logs: async (from, to) => (await logsOf(rpc, watched, { from, to })).map(placedLog),
    finalLogs: async ({ after, from, last }) => {
      const logs = await logsOf(rpc, watched, { from, to: last.number });
      await proveLogs(rpc, { watched, after, from, last, logs });
      return logs.map(placedLog);
    },
    transactionInput: (hash) => inputs.of(hash),
  };
}

async function timedBlock(rpc: ChainRpc, tag: BlockTag): Promise<TimedBlock | null> {
  const block = await rpc.block(tag);
  return block === null ? null : { number: block.number, hash: toHex(block.hash), timestamp: block.timestamp };
}

async function logsOf(
  rpc: ChainRpc,
  watched: readonly WatchedLogs[],
  range: { readonly from: bigint; readonly to: bigint },
): Promise<readonly ChainLog[]> {
  const found = await Promise.all(watched.map((filter) => rpc.logs({ ...filter, ...range })));
  const placed = new Map<string, ChainLog>();
  for (const log of found.flat()) placed.set(`${log.blockNumber}:${log.logIndex}`, log);
  return [...placed.values()].sort(
    (left, right) => Number(left.blockNumber - right.blockNumber) || left.logIndex - right.logIndex,
  );
}

/** A node's log as the decoders of packages/vault take it. */
export function placedLog(log: ChainLog): PlacedLog {
  const { address, topics, data, blockNumber, blockHash, logIndex } = log;
  return { address, topics, data, blockNumber, blockHash, logIndex, transactionHash: toHex(log.transactionHash) };
}
