import { VaultError } from "../errors.ts";
import { LOG_RANGE_BLOCKS, VIEW_ATTEMPTS } from "../limits.ts";
import type { RawLog } from "../events/vault-events.ts";

/** A block by number and hash (0x hex). */
export interface BlockReference {
  readonly number: bigint;
  readonly hash: string;
}

/** What a follower needs of a node; the application brings it. Each call may reject, and then the pass does. */
export interface ChainReader<Block extends BlockReference = BlockReference, Log extends RawLog = RawLog> {
  /** The newest block, or the newest that is final. */
  readonly newest: (tag: "latest" | "finalized") => Promise<Block>;
  readonly block: (number: bigint) => Promise<Block | null>;
  /** The logs in these blocks that concern the application, both inclusive, in the order of the chain. */
  readonly logs: (from: bigint, to: bigint) => Promise<readonly Log[]>;
  /**
   * The same for final blocks, and proved: the blocks are one chain behind `after` up to `last`, each log stands in its block, and
   * none is missing. Rejects where the node contradicts itself. A reader that has none is believed.
   */
  readonly finalLogs?: (range: ProvenRange<Block>) => Promise<readonly Log[]>;
  /** The calldata of a transaction, or null where the node does not know it. */
  readonly transactionInput: (transactionHash: string) => Promise<Uint8Array | null>;
}

/** Which final blocks' logs are to be proved: from `from` up to `last`. */
export interface ProvenRange<Block extends BlockReference = BlockReference> {
  /** The block before `from`, as it was taken in; null where none was. */
  readonly after: BlockReference | null;
  readonly from: bigint;
  readonly last: Block;
}

/** Final blocks that follow one another, with what they tell. */
export interface FinalRange<Event, Block extends BlockReference = BlockReference> {
  /** Where the cursor stood when the range was read; null before the first. */
  readonly after: BlockReference | null;
  /** The range's last block: the cursor's next place. */
  readonly last: Block;
  readonly events: readonly Event[];
}

/** Where a follower keeps its cursor, together with what the application makes of the events. */
export interface FollowerStore<Event, Block extends BlockReference = BlockReference> {
  /** The last final block that was taken in; null before the first. */
  readonly cursor: () => Promise<BlockReference | null>;
  /**
   * Takes a range in and moves the cursor to its last block, all of it or nothing. Where somebody else has moved the cursor since
   * `after`, it does nothing: several processes may follow one chain with one effect.
   */
  readonly takeIn: (range: FinalRange<Event, Block>) => Promise<void>;
}

export interface FollowOptions<Event, Block extends BlockReference, Log extends RawLog> {
  readonly chain: ChainReader<Block, Log>;
  readonly store: FollowerStore<Event, Block>;
  /** First block of a follower that has no cursor yet. */
  readonly startBlock: bigint;
  readonly decode: (log: Log) => Promise<Event>;
  /** Blocks asked for in one call for logs; LOG_RANGE_BLOCKS unless said. */
  readonly rangeBlocks?: bigint;
}

/** What is not final yet, made anew by each pass, so that a reorganisation needs no undoing. */
export interface LatestView<Event, Block extends BlockReference = BlockReference> {
  readonly finalBlock: Block;
  readonly latestBlock: Block;
  /** Events after the cursor, in the order of the chain. */
  readonly latest: readonly Event[];
}

/**
 * One pass: takes in what is newly final, range by range, then reads the blocks after it. Throws VaultError FINAL_BLOCK_GONE when
 * another block stands where the cursor stood, BLOCK_UNKNOWN when the node does not show it, and CHAIN_UNSTEADY when the
 * newest blocks keep changing; after any of them nothing was taken in twice.
 */
export async function followChain<Event, Block extends BlockReference, Log extends RawLog>(
  options: FollowOptions<Event, Block, Log>,
): Promise<LatestView<Event, Block>> {
  const { chain, store } = options;
  const finalBlock = await chain.newest("finalized");
  let cursor = await checkedCursor(options, finalBlock);
  for (let from = next(options, cursor); from <= finalBlock.number; from = next(options, cursor)) {
    await store.takeIn(await readRange(options, { after: cursor, from, finalBlock }));
    cursor = await checkedCursor(options, finalBlock);
  }
  return { finalBlock, ...(await viewLatest(options, next(options, cursor))) };
}

function next({ startBlock }: { readonly startBlock: bigint }, cursor: BlockReference | null): bigint {
  return cursor === null ? startBlock : cursor.number + 1n;
}

/** A node that lags behind the cursor is not asked for a block that it cannot know. */
async function checkedCursor<Event, Block extends BlockReference, Log extends RawLog>(
  { chain, store }: FollowOptions<Event, Block, Log>,
  finalBlock: BlockReference,
): Promise<BlockReference | null> {
  const cursor = await store.cursor();
  if (cursor === null || cursor.number > finalBlock.number) return cursor;
  const there = await chain.block(cursor.number);
  if (there === null) throw new VaultError("BLOCK_UNKNOWN", { block: cursor.number });
  if (there.hash === cursor.hash) return cursor;
  throw new VaultError("FINAL_BLOCK_GONE", { block: cursor.number, hash: cursor.hash });
}

async function readRange<Event, Block extends BlockReference, Log extends RawLog>(
  options: FollowOptions<Event, Block, Log>,
  { after, from, finalBlock }: { after: BlockReference | null; from: bigint; finalBlock: Block },
): Promise<FinalRange<Event, Block>> {
  const to = endOfRange(options, from, finalBlock.number);
  const last = to === finalBlock.number ? finalBlock : await options.chain.block(to);
  if (last === null) throw new VaultError("BLOCK_UNKNOWN", { block: to });
  const { chain, decode } = options;
  const logs = await (chain.finalLogs?.({ after, from, last }) ?? chain.logs(from, to));
  return { after, last, events: await decoded(logs, decode) };
}

async function viewLatest<Event, Block extends BlockReference, Log extends RawLog>(
  options: FollowOptions<Event, Block, Log>,
  start: bigint,
): Promise<{ latestBlock: Block; latest: readonly Event[] }> {
  for (let attempt = 0; attempt < VIEW_ATTEMPTS; attempt += 1) {
    const latestBlock = await options.chain.newest("latest");
    const latest: Event[] = [];
    for (let from = start; from <= latestBlock.number;) {
      const to = endOfRange(options, from, latestBlock.number);
      latest.push(...(await eventsOf(options, from, to)));
      from = to + 1n;
    }
    // The blocks were read one call after another: they are one chain only if the newest still stands where it stood.
    const there = await options.chain.block(latestBlock.number);
    if (there?.hash === latestBlock.hash) return { latest, latestBlock };
  }
  throw new VaultError("CHAIN_UNSTEADY", { attempts: VIEW_ATTEMPTS });
}

function endOfRange({ rangeBlocks }: { readonly rangeBlocks?: bigint }, from: bigint, end: bigint): bigint {
  const widest = from + (rangeBlocks ?? LOG_RANGE_BLOCKS) - 1n;
  return widest < end ? widest : end;
}

async function eventsOf<Event, Block extends BlockReference, Log extends RawLog>(
  { chain, decode }: FollowOptions<Event, Block, Log>,
  from: bigint,
  to: bigint,
): Promise<readonly Event[]> {
  return await decoded(await chain.logs(from, to), decode);
}

async function decoded<Log, Event>(
  logs: readonly Log[],
  decode: (log: Log) => Promise<Event>,
): Promise<readonly Event[]> {
  const events: Event[] = [];
  for (const log of logs) events.push(await decode(log));
  return events;
}
