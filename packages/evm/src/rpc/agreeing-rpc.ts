import { equalBytes } from "@tallystick/protocol";
import type {
  BlockTag,
  ChainBlock,
  ChainCall,
  ChainLog,
  ChainReceipt,
  ChainRpc,
  ChainTransaction,
  CountTag,
  LogFilter,
} from "./chain-rpc.ts";
import { RpcError } from "./rpc-error.ts";

/**
 * Two nodes, of which neither is believed alone: both must show what is final, who was paid and
 * what a card holds. Where they differ, the caller waits as if the node did not answer, and the
 * error names the call.
 */
export class AgreeingRpc implements ChainRpc {
  private readonly primary: ChainRpc;
  private readonly witness: ChainRpc;

  constructor(primary: ChainRpc, witness: ChainRpc) {
    this.primary = primary;
    this.witness = witness;
  }

  async chainId(): Promise<bigint> {
    const [one, other] = await Promise.all([this.primary.chainId(), this.witness.chainId()]);
    if (one !== other) throw disagreement(`chain id: ${one} and ${other}`);
    return one;
  }

  /** Finality is what both have reached; a block by its number has one hash. */
  async block(tag: BlockTag): Promise<ChainBlock | null> {
    const [one, other] = await Promise.all([this.primary.block(tag), this.witness.block(tag)]);
    if (one === null || other === null) return null;
    if (tag === "latest") return one;
    if (tag === "finalized") return one.number <= other.number ? one : this.block(other.number);
    if (!equalBytes(one.hash, other.hash)) throw disagreement(`hash of block ${tag}`);
    return one;
  }

  async call(call: ChainCall, tag: BlockTag): Promise<Uint8Array> {
    // The nodes' newest blocks differ now and then; the newest view is only ever used where lower
    // is safer.
    if (tag === "latest") return this.primary.call(call, tag);
    const block = typeof tag === "bigint" ? tag : ((await this.block(tag))?.number ?? tag);
    const [one, other] = await Promise.all([this.primary.call(call, block), this.witness.call(call, block)]);
    if (!equalBytes(one, other)) throw disagreement(`answer of a call at block ${block}`);
    return one;
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
    const [one, other] = await Promise.all([
      this.primary.transactionCount(address, tag),
      this.witness.transactionCount(address, tag),
    ]);
    // A final count decides that a nonce is lost: the lower one. A new account's first nonce: the
    // higher one.
    const lower = one < other ? one : other;
    return tag === "latest" || tag === "pending" ? one + other - lower : lower;
  }

  /** Both are given the bytes; one that takes them is enough. */
  async sendRaw(raw: Uint8Array): Promise<void> {
    const [one, other] = await Promise.allSettled([this.primary.sendRaw(raw), this.witness.sendRaw(raw)]);
    if (one.status === "rejected" && other.status === "rejected") throw one.reason;
  }

  /** null until both show the transaction in the same block with the same outcome. */
  async receipt(hash: Uint8Array): Promise<ChainReceipt | null> {
    const [one, other] = await Promise.all([this.primary.receipt(hash), this.witness.receipt(hash)]);
    if (one === null || other === null) return null;
    return equalBytes(one.blockHash, other.blockHash) && one.succeeded === other.succeeded ? one : null;
  }

  async transaction(hash: Uint8Array): Promise<ChainTransaction | null> {
    const [one, other] = await Promise.all([this.primary.transaction(hash), this.witness.transaction(hash)]);
    if (one === null || other === null) return null;
    if (!equalBytes(one.input, other.input)) throw disagreement("calldata of a transaction");
    return one;
  }

  async logs(filter: LogFilter): Promise<readonly ChainLog[]> {
    const [one, other] = await Promise.all([this.primary.logs(filter), this.witness.logs(filter)]);
    const same = one.length === other.length && one.every((log, index) => sameLog(log, other[index]));
    if (!same) throw disagreement(`events of blocks ${filter.from} to ${filter.to}`);
    return one;
  }
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
  return new RpcError("UNREACHABLE", `The two nodes disagree about the ${what}; neither is believed.`);
}
