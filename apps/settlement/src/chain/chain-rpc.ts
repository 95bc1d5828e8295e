import type { AccessListEntry } from "@tallystick/vault";

/** Which block a read is about: a tag, or a number when several reads must agree. */
export type BlockTag = "latest" | "finalized" | bigint;

export interface ChainBlock {
  readonly number: bigint;
  readonly hash: Uint8Array;
  /** Seconds. */
  readonly timestamp: bigint;
  readonly baseFee: bigint;
}

export interface ChainReceipt {
  readonly transactionHash: Uint8Array;
  readonly blockNumber: bigint;
  readonly blockHash: Uint8Array;
  readonly succeeded: boolean;
}

export interface ChainLog {
  readonly address: Uint8Array;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
  readonly blockNumber: bigint;
  readonly blockHash: Uint8Array;
  readonly transactionHash: Uint8Array;
  readonly logIndex: number;
}

export interface ChainTransaction {
  readonly from: Uint8Array;
  readonly to: Uint8Array | null;
  readonly input: Uint8Array;
}

export interface ChainCall {
  readonly from?: Uint8Array;
  readonly to: Uint8Array;
  readonly data: Uint8Array;
  readonly accessList?: readonly AccessListEntry[];
}

export interface LogFilter {
  readonly from: bigint;
  /** Inclusive. */
  readonly to: bigint;
  readonly address: Uint8Array;
  /** By position; null matches anything. */
  readonly topics?: readonly (Uint8Array | null)[];
}

/** What the service needs of an EVM node. Every method throws RpcError. */
export interface ChainRpc {
  chainId(): Promise<bigint>;
  /** null when the node does not know such a block (a reorganisation shortened the chain). */
  block(tag: BlockTag): Promise<ChainBlock | null>;
  call(call: ChainCall, tag: BlockTag): Promise<Uint8Array>;
  /** Gas the call would use at the latest block; RpcError `REVERTED` when it would revert. */
  estimateGas(call: ChainCall): Promise<bigint>;
  priorityFee(): Promise<bigint>;
  transactionCount(address: Uint8Array, tag: BlockTag): Promise<bigint>;
  sendRaw(raw: Uint8Array): Promise<void>;
  receipt(hash: Uint8Array): Promise<ChainReceipt | null>;
  transaction(hash: Uint8Array): Promise<ChainTransaction | null>;
  logs(filter: LogFilter): Promise<readonly ChainLog[]>;
}

/** Injection token of the node. */
export const CHAIN_RPC = Symbol("CHAIN_RPC");

/**
 * What a refusal of the node means to a sender. `ALREADY_KNOWN` and `NONCE_TOO_LOW` are neither
 * success nor failure: the sender has to check.
 */
export type RpcErrorCode =
  "UNREACHABLE" | "REVERTED" | "ALREADY_KNOWN" | "NONCE_TOO_LOW" | "UNDERPRICED" | "INSUFFICIENT_FUNDS" | "REFUSED";

export class RpcError extends Error {
  readonly code: RpcErrorCode;
  /** The revert data of a call, when there was one. */
  readonly data: string | null;

  constructor(code: RpcErrorCode, message: string, data: string | null = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
