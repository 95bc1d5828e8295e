import { FetchRequest, getBytes, hexlify, JsonRpcProvider, Network, toQuantity } from "ethers";
import { DEFAULT_RPC_TIMEOUT_MS } from "../limits.ts";
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
  TopicFilter,
} from "../rpc/chain-rpc.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { encodeAccessList } from "./access-list.ts";
import { rpcErrorOf } from "./rpc-faults.ts";

interface RawBlock {
  number: string;
  hash: string;
  timestamp: string;
  baseFeePerGas?: string;
}
interface RawReceipt {
  transactionHash: string;
  blockNumber: string;
  blockHash: string;
  status: string;
}
interface RawLog {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  blockHash: string;
  transactionHash: string;
  logIndex: string;
}
interface RawTransaction {
  from: string;
  to: string | null;
  input: string;
}

export interface EthersRpcOptions {
  /** JSON-RPC over HTTP. */
  readonly url: string;
  /** The chain that the node should be of; `chainId()` asks the node itself. */
  readonly chainId: bigint | number;
  /** A node that is silent this long is away. */
  readonly timeoutMs?: number;
}

/**
 * An EVM node over JSON-RPC. ethers' caches and batching are off: a sender that checks must see the
 * present.
 */
export class EthersRpc implements ChainRpc {
  private readonly provider: JsonRpcProvider;
  private readonly timeoutMs: number;

  constructor({ url, chainId, timeoutMs = DEFAULT_RPC_TIMEOUT_MS }: EthersRpcOptions) {
    const request = new FetchRequest(url);
    request.timeout = timeoutMs;
    this.timeoutMs = timeoutMs;
    this.provider = new JsonRpcProvider(request, chainId, {
      staticNetwork: Network.from(chainId),
      batchMaxCount: 1,
      cacheTimeout: -1,
    });
  }

  /** Ends its connections; it answers nothing afterwards. */
  close(): void {
    this.provider.destroy();
  }

  async chainId(): Promise<bigint> {
    return await this.quantity("eth_chainId", []);
  }

  async block(tag: BlockTag): Promise<ChainBlock | null> {
    const raw = (await this.send("eth_getBlockByNumber", [encodeTag(tag), false])) as RawBlock | null;
    if (raw === null) return null;
    return {
      number: BigInt(raw.number),
      hash: getBytes(raw.hash),
      timestamp: BigInt(raw.timestamp),
      baseFee: BigInt(raw.baseFeePerGas ?? "0x0"),
    };
  }

  async call(call: ChainCall, tag: BlockTag): Promise<Uint8Array> {
    return getBytes((await this.send("eth_call", [encodeCall(call), encodeTag(tag)])) as string);
  }

  async estimateGas(call: ChainCall): Promise<bigint> {
    return await this.quantity("eth_estimateGas", [encodeCall(call)]);
  }

  /** A node without EIP-1559 has one price and no tip: 0. */
  async priorityFee(): Promise<bigint> {
    try {
      return await this.quantity("eth_maxPriorityFeePerGas", []);
    } catch (error) {
      if (error instanceof RpcError && error.code === "REFUSED") return 0n;
      throw error;
    }
  }

  async balance(address: Uint8Array, tag: BlockTag): Promise<bigint> {
    return await this.quantity("eth_getBalance", [hexlify(address), encodeTag(tag)]);
  }

  async transactionCount(address: Uint8Array, tag: CountTag): Promise<bigint> {
    return await this.quantity("eth_getTransactionCount", [hexlify(address), encodeTag(tag)]);
  }

  async sendRaw(raw: Uint8Array): Promise<void> {
    await this.send("eth_sendRawTransaction", [hexlify(raw)]);
  }

  async receipt(hash: Uint8Array): Promise<ChainReceipt | null> {
    const raw = (await this.send("eth_getTransactionReceipt", [hexlify(hash)])) as RawReceipt | null;
    if (raw === null) return null;
    return {
      transactionHash: getBytes(raw.transactionHash),
      blockNumber: BigInt(raw.blockNumber),
      blockHash: getBytes(raw.blockHash),
      succeeded: BigInt(raw.status) === 1n,
    };
  }

  async transaction(hash: Uint8Array): Promise<ChainTransaction | null> {
    const raw = (await this.send("eth_getTransactionByHash", [hexlify(hash)])) as RawTransaction | null;
    if (raw === null) return null;
    return { from: getBytes(raw.from), to: raw.to === null ? null : getBytes(raw.to), input: getBytes(raw.input) };
  }

  async logs({ from, to, address, topics = [] }: LogFilter): Promise<readonly ChainLog[]> {
    const filter = {
      fromBlock: toQuantity(from),
      toBlock: toQuantity(to),
      address: hexlify(address),
      topics: topics.map(encodeTopic),
    };
    return ((await this.send("eth_getLogs", [filter])) as RawLog[]).map(decodeLog);
  }

  private async quantity(method: string, parameters: unknown[]): Promise<bigint> {
    return BigInt((await this.send(method, parameters)) as string);
  }

  private async send(method: string, parameters: unknown[]): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    // The library asks a busy node again and again; the caller's patience ends here.
    const silent = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`it is silent for ${this.timeoutMs / 1_000} s`));
      }, this.timeoutMs);
    });
    try {
      return await Promise.race([this.provider.send(method, parameters) as Promise<unknown>, silent]);
    } catch (error) {
      throw rpcErrorOf(method, error);
    } finally {
      clearTimeout(timer);
    }
  }
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
  if (call.accessList !== undefined && call.accessList.length > 0)
    encoded["accessList"] = encodeAccessList(call.accessList);
  return encoded;
}

function decodeLog(log: RawLog): ChainLog {
  return {
    address: getBytes(log.address),
    topics: log.topics.map((topic) => getBytes(topic)),
    data: getBytes(log.data),
    blockNumber: BigInt(log.blockNumber),
    blockHash: getBytes(log.blockHash),
    transactionHash: getBytes(log.transactionHash),
    logIndex: Number(BigInt(log.logIndex)),
  };
}
