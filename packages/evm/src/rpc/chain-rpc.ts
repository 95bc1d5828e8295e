import type { AccessListEntry } from "@tallystick/vault";

/** Which block a read is about: a tag, or a number when several reads must agree. */
export type BlockTag = "latest" | "finalized" | bigint;

/**
 * Up to where an account's transactions are counted; `pending` counts those that wait for a block.
 */
export type CountTag = BlockTag | "pending";

export interface ChainBlock {
  readonly number: bigint;
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** Seconds. */
  readonly timestamp: bigint;
  /** Wei a gas; 0 on a chain without EIP-1559. */
  readonly baseFee: bigint;
  /** 32 bytes: the block before it. */
  readonly parentHash?: Uint8Array;
  /** 256 bytes that say which addresses and topics its logs may have (Yellow Paper §4.4.3). */
  readonly logsBloom?: Uint8Array;
  /** Gas that all of its transactions together may use. */
  readonly gasLimit?: bigint;
}

export interface ChainReceipt {
  readonly transactionHash: Uint8Array;
  readonly blockNumber: bigint;
  readonly blockHash: Uint8Array;
  /** False where the transaction was undone. */
  readonly succeeded: boolean;
}

/** What a transaction that stands in a block cost its sender. */
export interface TransactionCost extends ChainReceipt {
  readonly from: Uint8Array;
  readonly gasUsed: bigint;
  /** Wei a gas, as the block took it. */
  readonly gasPriceWei: bigint;
  /** Wei that the chain asked besides: for blobs, or for the data of a rollup. */
  readonly otherWei: bigint;
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
  /** null where it makes a contract. */
  readonly to: Uint8Array | null;
  readonly input: Uint8Array;
}

export interface ChainCall {
  readonly from?: Uint8Array;
  readonly to: Uint8Array;
  readonly data: Uint8Array;
  /** Wei that go along. */
  readonly value?: bigint;
  readonly accessList?: readonly AccessListEntry[];
}

/** One place of a log's topics: this one, any of these, or anything. */
export type TopicFilter = Uint8Array | readonly Uint8Array[] | null;

export interface LogFilter {
  readonly from: bigint;
  /** Inclusive. */
  readonly to: bigint;
  readonly address: Uint8Array;
  /** By position. */
  readonly topics?: readonly TopicFilter[];
}

/** What the applications need of an EVM node. Every method rejects with RpcError. */
export interface ChainRpc {
  chainId(): Promise<bigint>;
  /** null when the node does not know such a block (a reorganisation shortened the chain). */
  block(tag: BlockTag): Promise<ChainBlock | null>;
  call(call: ChainCall, tag: BlockTag): Promise<Uint8Array>;
  /** Gas the call would use at the latest block; RpcError `REVERTED` when it would revert. */
  estimateGas(call: ChainCall): Promise<bigint>;
  /** The tip that the node suggests, wei a gas. */
  priorityFee(): Promise<bigint>;
  /** Wei. */
  balance(address: Uint8Array, tag: BlockTag): Promise<bigint>;
  /** How many nonces the account has used: its next nonce. */
  transactionCount(address: Uint8Array, tag: CountTag): Promise<bigint>;
  /**
   * Gives the node signed bytes, any number of times: only the receipt says what became of them.
   */
  sendRaw(raw: Uint8Array): Promise<void>;
  /** null while the transaction stands in no block. */
  receipt(hash: Uint8Array): Promise<ChainReceipt | null>;
  /** By its receipt; null while the transaction stands in no block. */
  transactionCost(hash: Uint8Array): Promise<TransactionCost | null>;
  transaction(hash: Uint8Array): Promise<ChainTransaction | null>;
  /** In the order of the chain. */
  logs(filter: LogFilter): Promise<readonly ChainLog[]>;
  /** All logs of a transaction, by its receipt; null while it stands in no block. */
  receiptLogs(hash: Uint8Array): Promise<readonly ChainLog[] | null>;
  /**
   * All logs of a block, by the receipts of its transactions and not by the index of logs; null when
   * the node does not know such a block.
   */
  blockLogs(number: bigint): Promise<readonly ChainLog[] | null>;
}
