import { toAddress, toHex } from "@tallystick/protocol";
import { decodeVaultCall, readPayloadItems, type SettledItem } from "@tallystick/vault";
import { ChainError } from "../../src/chain/chain-error.ts";
import type { Fees, MarketFees } from "../../src/chain/calls/fees.ts";
import type { AccountCall, CallReceipt, SendFault, VaultChain } from "../../src/chain/calls/vault-chain.ts";

/** A signed transaction of the scripted chain, readable as it stands in its bytes. */
interface Scripted {
  readonly to: string;
  readonly data: string;
  readonly nonce: number;
  readonly maxFee: string;
  readonly priorityFee: string;
}

interface Mined {
  readonly hash: string;
  readonly block: number;
  readonly transaction: Scripted;
}

const decoder = new TextDecoder();
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), "hex"));

/**
 * A node with one account, in memory: transactions wait until the base fee lets them into a block, one nonce after the other, and a
 * replacement must offer an eighth more. Blocks are made when the test says so.
 */
export class ScriptedChain implements VaultChain {
  readonly account = toAddress(new Uint8Array(20).fill(1));
  readonly vault: VaultChain["vault"];
  market: MarketFees = { baseFee: 100n, tip: 10n };
  /** What the vault says of the next call instead of taking it. */
  refusal: string | null = null;
  fault: SendFault = null;
  away = false;
  /** What the vault owes the payee after a settlement. */
  earned = 0n;
  /** Hashes in the order in which they were sent. */
  readonly sent: string[] = [];
  readonly mined: Mined[] = [];
  readonly pool = new Map<number, { readonly hash: string; readonly transaction: Scripted }>();
  readonly used = new Set<number>();
  private block = 1;
  private finalBlock = 0;
  private nonce = 0;

  constructor(vault: Uint8Array = new Uint8Array(20).fill(2)) {
    this.vault = toAddress(vault);
  }

  /** Makes a block of what its base fee lets in. */
  mine(): void {
    this.block += 1;
    for (;;) {
      const next = this.pool.get(this.nonce);
      if (next === undefined || BigInt(next.transaction.maxFee) < this.market.baseFee) return;
      this.pool.delete(this.nonce);
      this.nonce += 1;
      this.mined.push({ ...next, block: this.block });
      this.carryOut(next.transaction);
    }
  }

  /** Makes all blocks so far final. */
  finalize(): void {
    this.finalBlock = this.block;
  }

  /** Takes the newest block out again; what it held waits for another, unless it is dropped. */
  reorganize(drop = false): void {
    for (const mined of this.mined.splice(0).filter(({ block }) => block === this.block)) {
      this.nonce -= 1;
      if (!drop) this.pool.set(mined.transaction.nonce, mined);
    }
  }

  /** Another transaction of the account uses its next nonce. */
  useNonce(): void {
    this.pool.delete(this.nonce);
    this.nonce += 1;
    this.block += 1;
  }

  chainId = () => this.online(31_337n);
  isUsed = (_: Uint8Array, counter: number) => this.online(this.used.has(counter));
  owed = () => this.online(this.earned);
  funds = () => this.online({ token: new Uint8Array(20), held: 0n, allowed: 0n });
  nextNonce = () => this.online(this.nonce + this.pool.size);
  minedNonce = () => this.online(this.nonce);
  finalNonce = () => this.online(this.finalBlock === this.block ? this.nonce : 0);
  marketFees = () => this.online(this.market);
  close = () => undefined;

  async sign(call: AccountCall, nonce: number, fees: Fees): ReturnType<VaultChain["sign"]> {
    await this.online(null);
    if (this.refusal !== null) return { ok: false, refusal: this.refusal };
    return { ok: true, signed: this.signed({ to: toHex(call.to), data: toHex(call.data), nonce, ...text(fees) }) };
  }

  async signAgain(raw: Uint8Array, fees: Fees): ReturnType<VaultChain["signAgain"]> {
    return await this.online(this.signed({ ...read(raw), ...text(fees) }));
  }

  feesOf(raw: Uint8Array): Fees {
    const { maxFee, priorityFee } = read(raw);
    return { maxFee: BigInt(maxFee), priorityFee: BigInt(priorityFee) };
  }

  async send(raw: Uint8Array): Promise<SendFault> {
    await this.online(null);
    const transaction = read(raw);
    const hash = hashOf(raw);
    this.sent.push(hash);
    if (this.fault !== null) return this.fault;
    const before = this.pool.get(transaction.nonce)?.transaction;
    const dearer =
      before === undefined ||
      (BigInt(transaction.maxFee) * 8n >= BigInt(before.maxFee) * 9n &&
        BigInt(transaction.priorityFee) * 8n >= BigInt(before.priorityFee) * 9n);
    if (transaction.nonce >= this.nonce && dearer) this.pool.set(transaction.nonce, { hash, transaction });
    return null;
  }

  async receipt(hash: string): Promise<CallReceipt> {
    const found = this.mined.find((each) => each.hash === hash);
    return await this.online(
      found === undefined ? null : { block: found.block, succeeded: true, final: found.block <= this.finalBlock },
    );
  }

  async settledBy(tx: string): Promise<readonly SettledItem[]> {
    const found = this.mined.find((each) => each.hash === tx);
    return await this.online(
      found === undefined ? [] : itemsOf(found.transaction).map((item) => ({ item, paid: true })),
    );
  }

  private carryOut(transaction: Scripted): void {
    for (const { counter, amount } of itemsOf(transaction)) {
      if (this.used.has(counter)) throw new Error(`counter ${counter} was settled twice`);
      this.used.add(counter);
      this.earned += amount;
    }
    if (decodeVaultCall("withdraw", bytesOf(transaction.data)) !== null) this.earned = 0n;
  }

  private signed(transaction: Scripted) {
    const raw = new TextEncoder().encode(JSON.stringify(transaction));
    return { raw, hash: hashOf(raw) };
  }

  private online<T>(value: T): Promise<T> {
    return this.away ? Promise.reject(new ChainError("RPC_UNREACHABLE", "the node is away")) : Promise.resolve(value);
  }
}

function itemsOf({ data }: Scripted) {
  const payload = decodeVaultCall("settle", bytesOf(data))?.values["payload"];
  return payload instanceof Uint8Array ? readPayloadItems(payload) : [];
}

function hashOf(raw: Uint8Array): string {
  const { nonce, maxFee, data } = read(raw);
  return `0x${nonce}/${maxFee}/${data.slice(2, 10)}`;
}

function read(raw: Uint8Array): Scripted {
  return JSON.parse(decoder.decode(raw)) as Scripted;
}

function text({ maxFee, priorityFee }: Fees) {
  return { maxFee: String(maxFee), priorityFee: String(priorityFee) };
}
