import { createHash } from "node:crypto";
import { fromHex, toHex } from "@tallystick/protocol";
import type { MarketFees } from "../fees.ts";
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
  TransactionCost,
} from "../rpc/chain-rpc.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import type { ChainSigner, UnsignedTransaction } from "../sender/chain-signer.ts";

/** A transaction that stands in a block. */
export interface ScriptedTransaction extends UnsignedTransaction {
  readonly hash: string;
  readonly block: bigint;
}

type Pooled = Omit<ScriptedTransaction, "block">;

/**
 * A node with one account, in memory: transactions wait until the base fee lets them into a block,
 * one nonce after the other, and a replacement must offer an eighth more. Blocks are made when the
 * test says so.
 */
export class ScriptedNode implements ChainRpc {
  market: MarketFees = { baseFee: 100n, tip: 10n };
  /** What a simulation of the next call answers instead of its gas. */
  simulation: bigint | RpcError = 60_000n;
  /** What sending answers instead of taking the bytes. */
  sendFault: RpcError | null = null;
  away = false;
  /** Gas of a block; none is shown unless a test says so. */
  blockGas: bigint | null = null;
  wei = 10n ** 18n;
  /** Hashes in the order in which they were sent. */
  readonly sent: string[] = [];
  readonly mined: ScriptedTransaction[] = [];
  readonly pool = new Map<bigint, Pooled>();
  /** Hashes of transactions that a block undoes. */
  readonly undone = new Set<string>();
  private readonly onMined: (transaction: ScriptedTransaction) => void;
  private readonly hashes: Uint8Array[] = [blockHash(0n, 0)];
  private finalBlock = 0n;
  private nonce: bigint;
  private forks = 0;

  /** `onMined` carries out what a transaction does. */
  constructor(
    options: { readonly nonce?: bigint; readonly onMined?: (transaction: ScriptedTransaction) => void } = {},
  ) {
    this.nonce = options.nonce ?? 0n;
    this.onMined = options.onMined ?? (() => undefined);
  }

  private get head(): bigint {
    return BigInt(this.hashes.length - 1);
  }

  /** Makes a block of what its base fee lets in. */
  mine(): void {
    this.addBlock();
    for (;;) {
      const next = this.pool.get(this.nonce);
      if (next === undefined || next.maxFee < this.market.baseFee) return;
      this.pool.delete(this.nonce);
      this.nonce += 1n;
      const transaction = { ...next, block: this.head };
      this.mined.push(transaction);
      this.onMined(transaction);
    }
  }

  /** Makes all blocks so far final. */
  finalize(): void {
    this.finalBlock = this.head;
  }

  /**
   * Takes the newest block out again and puts another in its place; what it held waits for the
   * next, unless it is dropped.
   */
  reorganize(drop = false): void {
    for (const mined of this.mined.splice(0)) {
      if (mined.block !== this.head) {
        this.mined.push(mined);
        continue;
      }
      this.nonce -= 1n;
      if (!drop) this.pool.set(mined.nonce, mined);
    }
    this.forks += 1;
    this.hashes.pop();
    this.addBlock();
  }

  /** Another transaction of the account uses its next nonce. */
  useNonce(): void {
    this.pool.delete(this.nonce);
    this.nonce += 1n;
    this.addBlock();
  }

  chainId = (): Promise<bigint> => this.online(31_337n);
  priorityFee = (): Promise<bigint> => this.online(this.market.tip);
  balance = (): Promise<bigint> => this.online(this.wei);
  /** What a call answers that is undone by a simulation: the same, unless a test says otherwise. */
  call = async (_call: ChainCall, _tag: BlockTag): Promise<Uint8Array> => {
    if (this.simulation instanceof RpcError && this.simulation.code === "REVERTED") throw this.simulation;
    return await this.online(new Uint8Array());
  };
  logs = (_filter: LogFilter): Promise<readonly ChainLog[]> => this.online([]);
  receiptLogs = (_hash: Uint8Array): Promise<readonly ChainLog[] | null> => this.online([]);
  blockLogs = (_number: bigint): Promise<readonly ChainLog[] | null> => this.online([]);

  block(tag: BlockTag): Promise<ChainBlock | null> {
    const number = tag === "latest" ? this.head : tag === "finalized" ? this.finalBlock : tag;
    const hash = this.hashes[Number(number)];
    if (hash === undefined) return this.online(null);
    const limit = this.blockGas === null ? {} : { gasLimit: this.blockGas };
    return this.online({ number, hash, timestamp: number, baseFee: this.market.baseFee, ...limit });
  }

  async estimateGas(): Promise<bigint> {
    await this.online(null);
    if (this.simulation instanceof RpcError) throw this.simulation;
    return this.simulation;
  }

  transactionCount(_address: Uint8Array, tag: CountTag): Promise<bigint> {
    if (tag === "pending") return this.online(this.nonce + BigInt(this.pool.size));
    if (tag === "finalized") return this.online(this.finalBlock === this.head ? this.nonce : 0n);
    return this.online(this.nonce);
  }

  async sendRaw(raw: Uint8Array): Promise<void> {
    await this.online(null);
    const transaction = { ...scriptedSigner.read(raw), hash: toHex(hashOf(raw)) };
    this.sent.push(transaction.hash);
    if (this.sendFault !== null) throw this.sendFault;
    if (transaction.nonce < this.nonce) throw new RpcError("NONCE_TOO_LOW", "nonce too low");
    const before = this.pool.get(transaction.nonce);
    if (before?.hash === transaction.hash) throw new RpcError("ALREADY_KNOWN", "already known");
    const dearer =
      before === undefined ||
      (transaction.maxFee * 8n >= before.maxFee * 9n && transaction.priorityFee * 8n >= before.priorityFee * 9n);
    if (!dearer) throw new RpcError("REPLACEMENT_UNDERPRICED", "replacement transaction underpriced");
    this.pool.set(transaction.nonce, transaction);
  }

  receipt(hash: Uint8Array): Promise<ChainReceipt | null> {
    const found = this.mined.find((each) => each.hash === toHex(hash));
    if (found === undefined) return this.online(null);
    const blockHash = this.hashes[Number(found.block)] ?? new Uint8Array(32);
    const succeeded = !this.undone.has(found.hash);
    return this.online({ transactionHash: hash, blockNumber: found.block, blockHash, succeeded });
  }

  async transactionCost(hash: Uint8Array): Promise<TransactionCost | null> {
    const receipt = await this.receipt(hash);
    const found = this.mined.find((each) => each.hash === toHex(hash));
    if (receipt === null || found === undefined) return null;
    const gasPriceWei = this.market.baseFee + found.priorityFee;
    return { ...receipt, from: scriptedSigner.address, gasUsed: found.gas, gasPriceWei, otherWei: 0n };
  }

  transaction(hash: Uint8Array): Promise<ChainTransaction | null> {
    const found = this.mined.find((each) => each.hash === toHex(hash));
    return this.online(found === undefined ? null : { from: scriptedSigner.address, to: found.to, input: found.data });
  }

  private addBlock(): void {
    this.hashes.push(blockHash(BigInt(this.hashes.length), this.forks));
  }

  private online<T>(value: T): Promise<T> {
    return this.away ? Promise.reject(new RpcError("UNREACHABLE", "the node is away")) : Promise.resolve(value);
  }
}

/** A transaction as JSON keeps it. */
interface WrittenTransaction {
  readonly chainId: string;
  readonly nonce: string;
  readonly to: string;
  readonly data: string;
  readonly value?: string;
  readonly gas: string;
  readonly maxFee: string;
  readonly priorityFee: string;
  readonly accessList: readonly { readonly address: string; readonly storageKeys: readonly string[] }[];
}

/** A signer whose bytes are readable as they stand: JSON, without any key. */
export const scriptedSigner: ChainSigner = {
  address: new Uint8Array(20).fill(1),
  sign: (transaction) => {
    const { chainId, nonce, gas, maxFee, priorityFee, to, data, value, accessList } = transaction;
    const written: WrittenTransaction = {
      ...{
        chainId: `${chainId}`,
        nonce: `${nonce}`,
        gas: `${gas}`,
        maxFee: `${maxFee}`,
        priorityFee: `${priorityFee}`,
      },
      ...{ to: toHex(to), data: toHex(data), ...(value === undefined ? {} : { value: `${value}` }) },
      accessList: accessList.map((entry) => ({
        address: toHex(entry.address),
        storageKeys: entry.storageKeys.map(toHex),
      })),
    };
    const raw = new TextEncoder().encode(JSON.stringify(written));
    return Promise.resolve({ raw, hash: hashOf(raw) });
  },
  read: (raw) => {
    const written = JSON.parse(new TextDecoder().decode(raw)) as WrittenTransaction;
    return {
      ...{ chainId: BigInt(written.chainId), nonce: BigInt(written.nonce), gas: BigInt(written.gas) },
      ...{ maxFee: BigInt(written.maxFee), priorityFee: BigInt(written.priorityFee) },
      ...{ to: fromHex(written.to), data: fromHex(written.data) },
      ...(written.value === undefined ? {} : { value: BigInt(written.value) }),
      accessList: written.accessList.map(({ address, storageKeys }) => ({
        address: fromHex(address),
        storageKeys: storageKeys.map((key) => fromHex(key)),
      })),
    };
  },
};

function hashOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(bytes).digest());
}

function blockHash(number: bigint, fork: number): Uint8Array {
  return hashOf(new TextEncoder().encode(`block ${number} of fork ${fork}`));
}
