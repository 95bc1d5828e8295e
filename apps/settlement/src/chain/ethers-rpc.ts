import { FetchRequest, JsonRpcProvider, Network, getBytes, hexlify, toQuantity } from "ethers";
import { encodeAccessList } from "./ethers-access-list.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import {
  RpcError,
  type BlockTag,
  type ChainBlock,
  type ChainCall,
  type ChainLog,
  type ChainReceipt,
  type ChainRpc,
  type ChainTransaction,
  type LogFilter,
  type RpcErrorCode,
} from "./chain-rpc.ts";

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

/** An EVM node over JSON-RPC. ethers' caches and batching are off: a sender that looks must see the present. */
export class EthersRpc implements ChainRpc {
  private readonly provider: JsonRpcProvider;

  constructor(url: string, chainId: number) {
    const request = new FetchRequest(url);
    request.timeout = LIMITS.rpcTimeoutMs;
    this.provider = new JsonRpcProvider(request, chainId, {
      staticNetwork: Network.from(chainId),
      batchMaxCount: 1,
      cacheTimeout: -1,
    });
  }

  close(): void {
    this.provider.destroy();
  }

  async chainId(): Promise<bigint> {
    return BigInt((await this.send("eth_chainId", [])) as string);
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
    return BigInt((await this.send("eth_estimateGas", [encodeCall(call)])) as string);
  }

  async priorityFee(): Promise<bigint> {
    return BigInt((await this.send("eth_maxPriorityFeePerGas", [])) as string);
  }

  async transactionCount(address: Uint8Array, tag: BlockTag): Promise<bigint> {
    return BigInt((await this.send("eth_getTransactionCount", [hexlify(address), encodeTag(tag)])) as string);
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

  async logs(filter: LogFilter): Promise<readonly ChainLog[]> {
    const raw = (await this.send("eth_getLogs", [
      {
        fromBlock: toQuantity(filter.from),
        toBlock: toQuantity(filter.to),
        address: hexlify(filter.address),
        topics: (filter.topics ?? []).map((topic) => (topic === null ? null : hexlify(topic))),
      },
    ])) as RawLog[];
    return raw.map((log) => ({
      address: getBytes(log.address),
      topics: log.topics.map((topic) => getBytes(topic)),
      data: getBytes(log.data),
      blockNumber: BigInt(log.blockNumber),
      blockHash: getBytes(log.blockHash),
      transactionHash: getBytes(log.transactionHash),
      logIndex: Number(BigInt(log.logIndex)),
    }));
  }

  private async send(method: string, parameters: unknown[]): Promise<unknown> {
    try {
      return (await this.provider.send(method, parameters)) as unknown;
    } catch (error) {
      throw translate(method, error);
    }
  }
}

function encodeTag(tag: BlockTag): string {
  return typeof tag === "bigint" ? toQuantity(tag) : tag;
}

function encodeCall(call: ChainCall): Record<string, unknown> {
  const encoded: Record<string, unknown> = { to: hexlify(call.to), data: hexlify(call.data) };
  if (call.from !== undefined) encoded["from"] = hexlify(call.from);
  if (call.accessList !== undefined && call.accessList.length > 0)
    encoded["accessList"] = encodeAccessList(call.accessList);
  return encoded;
}

const patterns: readonly (readonly [RegExp, RpcErrorCode])[] = [
  [/already known|already imported|known transaction/i, "ALREADY_KNOWN"],
  [/nonce too low|nonce is too low|old nonce/i, "NONCE_TOO_LOW"],
  [/underpriced|fee too low|max fee per gas less than/i, "UNDERPRICED"],
  [/insufficient funds/i, "INSUFFICIENT_FUNDS"],
  [/revert/i, "REVERTED"],
];

/** Nodes name the same refusal differently; only its meaning matters to the sender. */
function translate(method: string, error: unknown): RpcError {
  const details = jsonRpcError(error);
  if (details === null) {
    const text = error instanceof Error ? error.message : String(error);
    return new RpcError("UNREACHABLE", `${method}: the node did not answer (${text}).`);
  }
  const code = patterns.find(([pattern]) => pattern.test(details.message))?.[1] ?? "REFUSED";
  return new RpcError(code, `${method}: ${details.message}`, details.data);
}

function jsonRpcError(error: unknown): { message: string; data: string | null } | null {
  if (typeof error !== "object" || error === null) return null;
  const outer = error as Record<string, unknown>;
  const info = outer["info"] as Record<string, unknown> | undefined;
  const candidates = [outer["error"], info?.["error"]];
  for (const candidate of candidates) {
    if (typeof candidate !== "object" || candidate === null) continue;
    const inner = candidate as Record<string, unknown>;
    if (typeof inner["message"] !== "string") continue;
    return { message: inner["message"], data: typeof inner["data"] === "string" ? inner["data"] : null };
  }
  if (outer["code"] === "CALL_EXCEPTION") {
    return {
      message: `execution reverted (${String(outer["shortMessage"] ?? "")})`,
      data: typeof outer["data"] === "string" ? outer["data"] : null,
    };
  }
  const text = error instanceof Error ? error.message : "";
  const known = patterns.find(([pattern, code]) => code !== "REVERTED" && pattern.test(text));
  return known === undefined ? null : { message: text, data: null };
}
