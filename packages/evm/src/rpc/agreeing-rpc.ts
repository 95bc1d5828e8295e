import { equalBytes } from "@tallystick/protocol";
import type {
  BlockTag,
  ChainBlock,
  ChainCall,
  ChainLog,
  ChainReceipt,
  ChainRpc,
  ChainTransaction,
  TransactionCost,
  CountTag,
  LogFilter,
} from "./chain-rpc.ts";
import { isRpcError, RpcError } from "./rpc-error.ts";

/**
 * Two nodes, of which neither is believed alone: both must show what is final, who was paid and
 * what a card holds. Where they differ, the caller waits as if the node did not answer: the error
 * is a CONTRADICTION that names the call. One that lags is waited for, and one that is silent or
 * away is away for both.
 */
export class AgreeingRpc implements ChainRpc {
  private readonly primary: ChainRpc;
  private readonly witness: ChainRpc;

  constructor(primary: ChainRpc, witness: ChainRpc) {
    this.primary = primary;
    this.witness = witness;
  }

  async chainId(): Promise<bigint> {
    const [one, other] = await this.both((node) => node.chainId());
    if (one !== other) throw disagreement(`chain id: ${one} and ${other}`);
    return one;
  }

  /**
   * Finality is what both have reached, and the newest block is the newest that both have; a block
   * by its number has one hash.
   */
  async block(tag: BlockTag): Promise<ChainBlock | null> {
    const [one, other] = await this.both((node) => node.block(tag));
    if (one === null || other === null) return null;
    const lower = one.number <= other.number ? one : other;
    if (tag === "latest") return lower;
    if (tag === "finalized") return sameBlock(one, other) ? one : await this.block(lower.number);
    if (!sameBlock(one, other)) throw disagreement(`hash of block ${tag}`);
    return one;
  }

  async call(call: ChainCall, tag: BlockTag): Promise<Uint8Array> {
    // The nodes' newest blocks differ now and then; the newest view is only ever used where lower
    // is safer.
    if (tag === "latest") return this.primary.call(call, tag);
    const block = typeof tag === "bigint" ? tag : ((await this.block(tag))?.number ?? tag);
    const [one, other] = await this.settled((node) => node.call(call, block));
    const reverted = [one, other].filter(isReverted).length;
    if (reverted === 1 && [one, other].some(({ status }) => status === "fulfilled")) {
      throw disagreement(`outcome of a call at block ${block}`);
    }
    if (one.status === "rejected") throw one.reason;
    if (other.status === "rejected") throw other.reason;
    if (!equalBytes(one.value, other.value)) throw disagreement(`answer of a call at block ${block}`);
    return one.value;
  }

  estimateGas(call: ChainCall): Promise<bigint> {
    return this.primary.estimateGas(call);
  }

  priorityFee(): Promise<bigint> {
    return this.primary.priorityFee();
  }

  balance(address: Uint8Array, tag: BlockTag): Promise<bigint> {
    // It only decides whether an account can pay for its own transaction, which a wrong answer
    // cannot hide for long.
    return this.primary.balance(address, tag);
  }

  async transactionCount(address: Uint8Array, tag: CountTag): Promise<bigint> {
    const [one, other] = await this.both((node) => node.transactionCount(address, tag));
    // A final count decides that a nonce is lost: the lower one. A new account's first nonce: the
    // higher one.
    const lower = one < other ? one : other;
    return tag === "latest" || tag === "pending" ? one + other - lower : lower;
  }

  /** Both are given the bytes; one that takes them is enough. */
  async sendRaw(raw: Uint8Array): Promise<void> {
    const [one, other] = await this.settled((node) => node.sendRaw(raw));
    if (one.status === "rejected" && other.status === "rejected") throw one.reason;
  }

  /** null until both show the transaction in the same block with the same outcome. */
  async receipt(hash: Uint8Array): Promise<ChainReceipt | null> {
    const [one, other] = await this.both((node) => node.receipt(hash));
    if (one === null || other === null) return null;
    return equalBytes(one.blockHash, other.blockHash) && one.succeeded === other.succeeded ? one : null;
  }

  async transactionCost(hash: Uint8Array): Promise<TransactionCost | null> {
    const [one, other] = await this.both((node) => node.transactionCost(hash));
    if (one === null || other === null || !equalBytes(one.blockHash, other.blockHash)) return null;
    const agree =
      equalBytes(one.from, other.from) &&
      one.succeeded === other.succeeded &&
      one.gasUsed === other.gasUsed &&
      one.gasPriceWei === other.gasPriceWei &&
      one.otherWei === other.otherWei;
    if (!agree) throw disagreement("cost of a transaction");
    return one;
  }

  async transaction(hash: Uint8Array): Promise<ChainTransaction | null> {
    const [one, other] = await this.both((node) => node.transaction(hash));
    if (one === null || other === null) return null;
    if (!equalBytes(one.input, other.input)) throw disagreement("calldata of a transaction");
    return one;
  }

  async logs(filter: LogFilter): Promise<readonly ChainLog[]> {
    return agreed(await this.both((node) => node.logs(filter)), `events of blocks ${filter.from} to ${filter.to}`);
  }

  async receiptLogs(hash: Uint8Array): Promise<readonly ChainLog[] | null> {
    const [one, other] = await this.both((node) => node.receiptLogs(hash));
    return one === null || other === null ? null : agreed([one, other], "events of a transaction");
  }

  async blockLogs(number: bigint): Promise<readonly ChainLog[] | null> {
    const [one, other] = await this.both((node) => node.blockLogs(number));
    return one === null || other === null ? null : agreed([one, other], `receipts of block ${number}`);
  }

  private both<T>(ask: (node: ChainRpc) => Promise<T>): Promise<[T, T]> {
    return Promise.all([ask(this.primary), ask(this.witness)]);
  }

  private settled<T>(ask: (node: ChainRpc) => Promise<T>) {
    return Promise.allSettled([ask(this.primary), ask(this.witness)]);
  }
}

function isReverted(outcome: PromiseSettledResult<unknown>): boolean {
  return outcome.status === "rejected" && isRpcError(outcome.reason, "REVERTED");
}

function sameBlock(one: ChainBlock, other: ChainBlock): boolean {
  return one.number === other.number && equalBytes(one.hash, other.hash);
}

function agreed([one, other]: [readonly ChainLog[], readonly ChainLog[]], what: string): readonly ChainLog[] {
  const same = one.length === other.length && one.every((log, index) => sameLog(log, other[index]));
  if (!same) throw disagreement(what);
  return one;
}

function sameLog(one: ChainLog, other: ChainLog | undefined): boolean {
  return (
    other !== undefined &&
    one.logIndex === other.logIndex &&
    equalBytes(one.blockHash, other.blockHash) &&
    equalBytes(one.transactionHash, other.transactionHash) &&
    equalBytes(one.address, other.address) &&
    equalBytes(one.data, other.data) &&
    one.topics.length === other.topics.length &&
    one.topics.every((topic, index) => equalBytes(topic, other.topics[index] ?? new Uint8Array()))
  );
}

function disagreement(what: string): RpcError {
  return new RpcError("CONTRADICTION", `The two nodes disagree about the ${what}; neither is believed.`);
}
