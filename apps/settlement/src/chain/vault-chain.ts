import { equalBytes, fromHex, toHex } from "@tallystick/protocol";
import {
  decodeTokenTransfer,
  decodeVaultEvent,
  transferTopic,
  type BlockReference,
  type ChainReader,
  type RawLog,
  type TokenTransfer,
  type VaultEvent,
} from "@tallystick/vault";
import { RpcError, type ChainLog, type ChainRpc } from "./chain-rpc.ts";
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

/** What this service reads: the vault's events, and transfers of the treasury's tokens. */
export type ChainEvent = VaultEvent | TokenTransfer;

/** An event with its place on the chain. */
export interface PlacedEvent<Event extends ChainEvent = ChainEvent> {
  readonly event: Event;
  readonly log: PlacedLog;
}

/** The accounts whose logs are read. */
export interface WatchedAccounts {
  readonly vault: Uint8Array;
  readonly token: Uint8Array;
  readonly treasury: Uint8Array;
}

/**
 * The node, as the follower of packages/vault reads it: the vault's logs, and transfers of the
 * treasury's tokens.
 */
export function vaultChain(rpc: ChainRpc, accounts: WatchedAccounts): ChainReader<TimedBlock, PlacedLog> {
  const blockAt = async (tag: "latest" | "finalized" | bigint): Promise<TimedBlock | null> => {
    const block = await rpc.block(tag);
    if (block === null) return null;
    return { number: block.number, hash: toHex(block.hash), timestamp: block.timestamp };
  };
  // A pass reads the same unfinal transactions as the one before it, and calldata never changes
  // under its hash.
  const inputs = new RecentInputs(async (hash) => (await rpc.transaction(fromHex(hash, 32)))?.input ?? null);
  return {
    newest: async (tag) => {
      const block = await blockAt(tag);
      if (block === null) throw new RpcError("UNREACHABLE", `The node has no ${tag} block.`);
      return block;
    },
    block: blockAt,
    logs: (from, to) => logsOf(rpc, accounts, { from, to }),
    transactionInput: (hash) => inputs.of(hash),
  };
}

/** Reads one log with the decoder of the contract that wrote it. */
export async function decodeLog(
  log: PlacedLog,
  { vault, reader }: { vault: Uint8Array; reader: Pick<ChainReader, "transactionInput"> },
): Promise<PlacedEvent> {
  if (equalBytes(log.address, vault)) return { event: await decodeVaultEvent(log, reader.transactionInput), log };
  const event = decodeTokenTransfer(log);
  if (event === null) throw new RpcError("REFUSED", "The node answered a log that was not asked for.");
  return { event, log };
}

/**
 * "transaction:index": where an event stands. One transaction of a contract may settle several
 * payloads.
 */
export function placeOf({ log }: PlacedEvent): string {
  return `${log.transactionHash}:${log.logIndex}`;
}

async function logsOf(
  rpc: ChainRpc,
  { vault, token, treasury }: WatchedAccounts,
  range: { from: bigint; to: bigint },
): Promise<readonly PlacedLog[]> {
  const topic = Buffer.concat([Buffer.alloc(12), treasury]);
  const [own, outgoing, incoming] = await Promise.all([
    rpc.logs({ ...range, address: vault }),
    rpc.logs({ ...range, address: token, topics: [transferTopic, topic] }),
    rpc.logs({ ...range, address: token, topics: [transferTopic, null, topic] }),
  ]);
  // A transfer of the treasury to itself comes twice.
  const placed = new Map<string, PlacedLog>();
  for (const log of [...own, ...outgoing, ...incoming])
    placed.set(`${log.blockNumber}:${log.logIndex}`, placedLog(log));
  return [...placed.values()].sort(
    (left, right) => Number(left.blockNumber - right.blockNumber) || left.logIndex - right.logIndex,
  );
}

function placedLog(log: ChainLog): PlacedLog {
  const { address, topics, data, blockNumber, blockHash, logIndex } = log;
  return { address, topics, data, blockNumber, blockHash, logIndex, transactionHash: toHex(log.transactionHash) };
}
