import type { BlockReference, CardSlot, ChainReader } from "@tallystick/vault";

/** A block with its time. */
export interface TimedBlock extends BlockReference {
  /** Seconds. */
  readonly timestamp: number;
}

/** The chain as a terminal reads it: the owners' requests, and what stands behind a card. Every call may throw ChainError RPC_UNREACHABLE. */
export interface WatchedChain extends ChainReader<TimedBlock> {
  chainId(): Promise<bigint>;
  card(card: Uint8Array, tag: "latest" | "finalized"): Promise<CardSlot>;
  close(): void;
}
