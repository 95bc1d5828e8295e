import {
  createChainReader,
  type ChainRpc,
  type PlacedLog,
  RpcError,
  type TimedBlock,
  type WatchedLogs,
} from "@tallystick/evm";
import { equalBytes } from "@tallystick/protocol";
import {
  decodeTokenTransfer,
  decodeVaultEvent,
  releasedMessage,
  transferTopic,
  type ChainReader,
  type SignedMessage,
  type TokenTransfer,
  type VaultEvent,
} from "@tallystick/vault";

/** What this service reads: the vault's events, and transfers of the issuer's tokens. */
export type ChainEvent = VaultEvent | TokenTransfer;

/** An event with its place on the chain. */
export interface PlacedEvent<Event extends ChainEvent = ChainEvent> {
  readonly event: Event;
  readonly log: PlacedLog;
  /** What the calldata of a release seems to give up; null where the vault was not called directly. */
  readonly released?: SignedMessage | null;
  /** Of a transfer between an account and the vault: base units that no event of the vault explains. */
  readonly straight?: bigint;
}

/** The accounts whose logs are read. */
export interface WatchedAccounts {
  readonly vault: Uint8Array;
  readonly token: Uint8Array;
  /** Those of the issuer whose transfers are followed. */
  readonly accounts: readonly Uint8Array[];
}

/** The node, as the follower of packages/vault reads it. */
export function vaultChain(
  rpc: ChainRpc,
  { vault, token, accounts }: WatchedAccounts,
): ChainReader<TimedBlock, PlacedLog> {
  const topics = accounts.map((account) => Buffer.concat([Buffer.alloc(12), account]));
  const watched: readonly WatchedLogs[] = [
    { address: vault },
    { address: token, topics: [transferTopic, topics] },
    { address: token, topics: [transferTopic, null, topics] },
  ];
  return createChainReader(rpc, watched);
}

/** Reads one log with the decoder of the contract that wrote it. */
export async function decodeLog(
  log: PlacedLog,
  { vault, reader }: { vault: Uint8Array; reader: Pick<ChainReader, "transactionInput"> },
): Promise<PlacedEvent> {
  if (equalBytes(log.address, vault)) {
    const event = await decodeVaultEvent(log, reader.transactionInput);
    if (event.kind !== "released") return { event, log };
    const input = await reader.transactionInput(log.transactionHash);
    return { event, log, released: input === null ? null : releasedMessage(input) };
  }
  const event = decodeTokenTransfer(log);
  if (event === null) throw new RpcError("REFUSED", "The node answered a log that was not asked for.");
  return { event, log };
}

/**
 * "transaction:index": the place of an event. One transaction of a contract may settle several
 * payloads.
 */
export function placeOf({ log }: PlacedEvent): string {
  return `${log.transactionHash}:${log.logIndex}`;
}
