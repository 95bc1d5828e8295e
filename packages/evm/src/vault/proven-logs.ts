import { equalBytes, isZero, toHex } from "@tallystick/protocol";
import { bloomMayHold, type BlockReference } from "@tallystick/vault";
import { QUESTIONS_AT_ONCE } from "../limits.ts";
import type { ChainBlock, ChainLog, ChainRpc, LogFilter, TopicFilter } from "../rpc/chain-rpc.ts";
import { inTurns } from "../rpc/in-turns.ts";
import { RpcError } from "../rpc/rpc-error.ts";

/** Which logs were asked for, and what a node answered. */
export interface LogsToProve {
  readonly watched: readonly Omit<LogFilter, "from" | "to">[];
  /** The block before the range, as it was taken in; null where none was. */
  readonly after: BlockReference | null;
  readonly from: bigint;
  /** The range's last block. */
  readonly last: BlockReference;
  readonly logs: readonly ChainLog[];
}

/**
 * Compares logs with the blocks that they are said to be of, because an index of logs may lag or
 * lack what the blocks hold. The blocks must be one chain from `after` to `last`; each log must stand
 * in its block; and where a block has logs, or its bloom says that it may have some, they must be
 * those of the block's receipts. A node that shows no blooms is believed about empty blocks. Rejects
 * with RpcError CONTRADICTION.
 */
export async function proveLogs(rpc: ChainRpc, { watched, after, from, last, logs }: LogsToProve): Promise<void> {
  const numbers: bigint[] = [];
  for (let number = from; number <= last.number; number += 1n) numbers.push(number);
  const headers = await inTurns(numbers, QUESTIONS_AT_ONCE, (number) => headerOf(rpc, number));
  assertOneChain(headers, after, last);
  const child = await rpc.block(last.number + 1n);
  if (child?.parentHash !== undefined && toHex(child.parentHash) !== last.hash) {
    throw contradiction(`the block after ${last.number} stands on another block`);
  }
  const found = byBlock(logs);
  for (const header of headers) {
    const its = found.get(header.number) ?? [];
    found.delete(header.number);
    assertOfBlock(its, header);
    if (header.logsBloom === undefined) continue;
    const { logsBloom: bloom } = header;
    if (its.length > 0 || watched.some((filter) => mayHold(bloom, filter))) {
      await assertSameAsReceipts(rpc, { header, its, watched });
    }
  }
  const [beyond] = found.keys();
  if (beyond !== undefined) throw contradiction(`a log of block ${beyond} came, which was not asked for`);
}

async function headerOf(rpc: ChainRpc, number: bigint): Promise<ChainBlock> {
  const header = await rpc.block(number);
  if (header === null) throw contradiction(`block ${number} is final and not shown`);
  return header;
}

function assertOneChain(headers: readonly ChainBlock[], after: BlockReference | null, last: BlockReference): void {
  let parent = after?.hash ?? null;
  for (const { number, hash, parentHash } of headers) {
    if (parent !== null && parentHash !== undefined && toHex(parentHash) !== parent) {
      throw contradiction(`block ${number} does not stand on block ${number - 1n}`);
    }
    parent = toHex(hash);
  }
  if (parent !== last.hash) throw contradiction(`block ${last.number} has two hashes`);
}

function byBlock(logs: readonly ChainLog[]): Map<bigint, ChainLog[]> {
  const found = new Map<bigint, ChainLog[]>();
  for (const log of logs) {
    const its = found.get(log.blockNumber) ?? [];
    its.push(log);
    found.set(log.blockNumber, its);
  }
  return found;
}

function assertOfBlock(logs: readonly ChainLog[], { number, hash }: ChainBlock): void {
  if (logs.some((log) => !equalBytes(log.blockHash, hash))) {
    throw contradiction(`logs of block ${number} are of another block with its number`);
  }
}

async function assertSameAsReceipts(
  rpc: ChainRpc,
  {
    header,
    its,
    watched,
  }: { readonly header: ChainBlock; readonly its: readonly ChainLog[]; readonly watched: LogsToProve["watched"] },
): Promise<void> {
  const { number, hash } = header;
  const all = await rpc.blockLogs(number);
  if (all === null) throw contradiction(`the receipts of block ${number} are not shown`);
  const expected = all.filter((log) => watched.some((filter) => matches(log, filter)));
  assertOfBlock(expected, { ...header, hash });
  const places = (logs: readonly ChainLog[]): string =>
    logs
      .map((log) => `${log.logIndex}:${toHex(log.transactionHash)}`)
      .sort()
      .join();
  if (places(expected) === places(its)) return;
  throw contradiction(
    `block ${number} has ${expected.length} events by its receipts, and ${its.length} by the index of logs`,
  );
}

/** An empty bloom under logs is that of a chain that keeps none: it says nothing of empty blocks. */
function mayHold(bloom: Uint8Array, { address, topics = [] }: LogsToProve["watched"][number]): boolean {
  if (isZero(bloom) || !bloomMayHold(bloom, address)) return false;
  return topics.every((place) => optionsOf(place)?.some((topic) => bloomMayHold(bloom, topic)) ?? true);
}

function matches(log: ChainLog, { address, topics = [] }: LogsToProve["watched"][number]): boolean {
  if (!equalBytes(log.address, address)) return false;
  return topics.every((place, index) => {
    const topic = log.topics[index];
    return optionsOf(place)?.some((option) => topic !== undefined && equalBytes(option, topic)) ?? true;
  });
}

/** Null where anything is allowed. */
function optionsOf(place: TopicFilter): readonly Uint8Array[] | null {
  if (place === null) return null;
  return place instanceof Uint8Array ? [place] : place;
}

function contradiction(what: string): RpcError {
  return new RpcError("CONTRADICTION", `The node contradicts itself: ${what}. Nothing of it is taken in.`);
}
