import { hexlify, toQuantity } from "ethers/utils";
import {
  DEFAULT_RPC_TIMEOUT_MS,
  FALLBACK_TIP,
  FEE_HISTORY_BLOCKS,
  MAX_BLOCK_TRANSACTIONS,
  QUESTIONS_AT_ONCE,
} from "../limits.ts";
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
  TopicFilter,
} from "../rpc/chain-rpc.ts";
import { inTurns } from "../rpc/in-turns.ts";
import { isRpcError, RpcError } from "../rpc/rpc-error.ts";
import { encodeAccessList } from "./access-list.ts";
import {
  answeredBlock,
  answeredBytes,
  answeredCost,
  answeredList,
  answeredLog,
  answeredNumber,
  answeredReceipt,
  answeredReceiptLogs,
  answeredTransaction,
  fieldsOf,
} from "./answers.ts";
import { LogRanges } from "./log-ranges.ts";
import { RpcTransport } from "./rpc-transport.ts";

export interface EthersRpcOptions {
  /** JSON-RPC over HTTP. */
  readonly url: string;
  /** The chain that the node should be of; `chainId()` asks the node itself. */
  readonly chainId: bigint | number;
  /** A node that is silent this long is away. */
  readonly timeoutMs?: number;
  /** Milliseconds since 1970: until when a node that asked for it is left alone. */
  readonly now: () => number;
  /** From 0 to below 1, for the jitter of pauses. */
  readonly random: () => number;
  /** Bytes of an answer that are read at most. */
  readonly maxAnswerBytes?: number;
}

/**
 * An EVM node over JSON-RPC. Nothing is cached: a sender that checks must see the present. What the
 * node answers is taken only in the form that the method has, and a node that asks for rest is left
 * alone.
 */
export class EthersRpc implements ChainRpc {
  private readonly transport: RpcTransport;
  private readonly ranges = new LogRanges();

  constructor({ timeoutMs = DEFAULT_RPC_TIMEOUT_MS, ...options }: EthersRpcOptions) {
    this.transport = new RpcTransport({ ...options, timeoutMs });
  }

  /** Ends its connections; it answers nothing afterwards. */
  close(): void {
    this.transport.close();
  }

  /** Until when it asks nothing, because the node wants rest or failed; milliseconds since 1970. */
  restingUntil(): number {
    return this.transport.restingUntil();
  }

  async chainId(): Promise<bigint> {
    return await this.quantity("eth_chainId", []);
  }

  async block(tag: BlockTag): Promise<ChainBlock | null> {
    const what = "eth_getBlockByNumber";
    const raw = await this.transport.send(what, [encodeTag(tag), false]);
    if (raw === null) return null;
    const block = answeredBlock(what, raw);
    if (typeof tag === "bigint" && block.number !== tag) {
      throw new RpcError("CONTRADICTION", `${what}: block ${tag} was asked for, and block ${block.number} came.`);
    }
    return block;
  }

  async call(call: ChainCall, tag: BlockTag): Promise<Uint8Array> {
    return answeredBytes("eth_call", await this.transport.send("eth_call", [encodeCall(call), encodeTag(tag)]));
  }

  async estimateGas(call: ChainCall): Promise<bigint> {
    return await this.quantity("eth_estimateGas", [encodeCall(call)]);
  }

  /**
   * What the node suggests; the median of the last blocks where it suggests nothing, and
   * FALLBACK_TIP where it says nothing about tips at all.
   */
  async priorityFee(): Promise<bigint> {
    try {
      return await this.quantity("eth_maxPriorityFeePerGas", []);
    } catch (error) {
      if (!saysNothing(error)) throw error;
    }
    try {
      return (await this.medianTip()) ?? FALLBACK_TIP;
    } catch (error) {
      if (!saysNothing(error)) throw error;
      return FALLBACK_TIP;
    }
  }

  /** The code that stands at an address in the newest block; empty where none does. */
  async code(address: Uint8Array): Promise<Uint8Array> {
    return answeredBytes("eth_getCode", await this.transport.send("eth_getCode", [hexlify(address), "latest"]));
  }

  async balance(address: Uint8Array, tag: BlockTag): Promise<bigint> {
    return await this.quantity("eth_getBalance", [hexlify(address), encodeTag(tag)]);
  }

  async transactionCount(address: Uint8Array, tag: CountTag): Promise<bigint> {
    return await this.quantity("eth_getTransactionCount", [hexlify(address), encodeTag(tag)]);
  }

  async sendRaw(raw: Uint8Array): Promise<void> {
    await this.transport.send("eth_sendRawTransaction", [hexlify(raw)]);
  }

  async receipt(hash: Uint8Array): Promise<ChainReceipt | null> {
    const raw = await this.rawReceipt(hash);
    return raw === null ? null : answeredReceipt("eth_getTransactionReceipt", raw);
  }

  async transactionCost(hash: Uint8Array): Promise<TransactionCost | null> {
    const raw = await this.rawReceipt(hash);
    return raw === null ? null : answeredCost("eth_getTransactionReceipt", raw);
  }

  async transaction(hash: Uint8Array): Promise<ChainTransaction | null> {
    const what = "eth_getTransactionByHash";
    const raw = await this.transport.send(what, [hexlify(hash)]);
    return raw === null ? null : answeredTransaction(what, raw);
  }

  async logs({ from, to, address, topics = [] }: LogFilter): Promise<readonly ChainLog[]> {
    const what = "eth_getLogs";
    const which = { address: hexlify(address), topics: topics.map(encodeTopic) };
    return await this.ranges.read(from, to, async (first, last) => {
      const filter = { fromBlock: toQuantity(first), toBlock: toQuantity(last), ...which };
      const raw = await this.transport.send(what, [filter]);
      return answeredList(what, raw).map((log) => answeredLog(what, log));
    });
  }

  async receiptLogs(hash: Uint8Array): Promise<readonly ChainLog[] | null> {
    const raw = await this.rawReceipt(hash);
    return raw === null ? null : answeredReceiptLogs("eth_getTransactionReceipt", raw);
  }

  async blockLogs(number: bigint): Promise<readonly ChainLog[] | null> {
    const what = "eth_getBlockReceipts";
    try {
      const raw = await this.transport.send(what, [toQuantity(number)]);
      if (raw === null) return null;
      return answeredList(what, raw).flatMap((receipt) => answeredReceiptLogs(what, receipt));
    } catch (error) {
      if (!isRpcError(error, "REFUSED") && !isRpcError(error, "ANSWER_TOO_LARGE")) throw error;
      return await this.logsOfTransactions(number);
    }
  }

  /** The same, transaction by transaction, for a node that does not give the receipts of a block. */
  private async logsOfTransactions(number: bigint): Promise<readonly ChainLog[] | null> {
    const what = "eth_getBlockByNumber";
    const raw = await this.transport.send(what, [toQuantity(number), false]);
    if (raw === null) return null;
    const hashes = answeredList(what, fieldsOf(what, raw)["transactions"]);
    if (hashes.length > MAX_BLOCK_TRANSACTIONS) {
      throw new RpcError("ANSWER_TOO_LARGE", `${what}: the block has ${hashes.length} transactions.`);
    }
    const read = async (hash: unknown): Promise<readonly ChainLog[]> => {
      const logs = await this.receiptLogs(answeredBytes(what, hash, 32));
      if (logs !== null) return logs;
      throw new RpcError("CONTRADICTION", `A transaction of block ${number} has no receipt.`);
    };
    return (await inTurns(hashes, QUESTIONS_AT_ONCE, read)).flat();
  }

  private async rawReceipt(hash: Uint8Array): Promise<unknown> {
    const raw = await this.transport.send("eth_getTransactionReceipt", [hexlify(hash)]);
    // Some nodes show a receipt before its block.
    return raw === null || fieldsOf("eth_getTransactionReceipt", raw)["blockHash"] == null ? null : raw;
  }

  private async medianTip(): Promise<bigint | null> {
    const what = "eth_feeHistory";
    const raw = await this.transport.send(what, [toQuantity(FEE_HISTORY_BLOCKS), "latest", [50]]);
    const { reward } = fieldsOf(what, raw);
    if (reward == null) return null;
    const tips = answeredList(what, reward)
      .map((block) => answeredNumber(what, answeredList(what, block)[0]))
      .sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
    return tips[Math.floor(tips.length / 2)] ?? null;
  }

  private async quantity(method: string, parameters: unknown[]): Promise<bigint> {
    return answeredNumber(method, await this.transport.send(method, parameters));
  }
}

/** The node has no such method, or does not answer it as it should. */
function saysNothing(error: unknown): boolean {
  return isRpcError(error, "REFUSED") || isRpcError(error, "MALFORMED_ANSWER");
}

function encodeTag(tag: CountTag): string {
  return typeof tag === "bigint" ? toQuantity(tag) : tag;
}

function encodeTopic(topic: TopicFilter): string | string[] | null {
  if (topic === null) return null;
  return topic instanceof Uint8Array ? hexlify(topic) : topic.map((each) => hexlify(each));
}

function encodeCall(call: ChainCall): Record<string, unknown> {
  const encoded: Record<string, unknown> = { to: hexlify(call.to), data: hexlify(call.data) };
  if (call.from !== undefined) encoded["from"] = hexlify(call.from);
  if (call.value !== undefined && call.value > 0n) encoded["value"] = toQuantity(call.value);
  if (call.accessList !== undefined && call.accessList.length > 0)
    encoded["accessList"] = encodeAccessList(call.accessList);
  return encoded;
}
