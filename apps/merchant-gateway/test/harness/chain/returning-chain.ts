import {
  type BlockTag,
  type ChainBlock,
  type ChainCall,
  type ChainLog,
  type LogFilter,
  RpcError,
} from "@tallystick/evm";
import type { ScriptedTransaction } from "@tallystick/evm/testing";
import {
  addressOfKey,
  decodeVoucherBundle,
  decodeVoucherMessage,
  fromHex,
  toAddress,
  toHex,
  voucherId,
} from "@tallystick/protocol";
import { decodeVaultCall, readPayloadItems, refundedVoucher, vaultAbi } from "@tallystick/vault";
import { Interface } from "ethers";
import { settleCallOf } from "../../../src/claim/settle-bundles.ts";
import type { VoucherRecord } from "../../../src/journal/payments/voucher-record.ts";
import { START } from "../test-terminal.ts";
import { ScriptedChain } from "./scripted-chain.ts";

const vault = new Interface(vaultAbi);
const token = toAddress(new Uint8Array(20).fill(0x70));

/** What a call of the vault gave back. */
interface Return {
  readonly kind: "refund" | "release";
  readonly voucherId: Uint8Array;
  /** Units. */
  readonly units: bigint;
  readonly counter: number;
  readonly transaction: ScriptedTransaction;
}

/**
 * A vault in memory with one card and one payee, whose account is the scripted signer's. It gives
 * value back as it is told and proves nothing: what it would refuse, a test says in `refusals`.
 */
export class ReturningChain extends ScriptedChain {
  /** Units that the vault owes the payee. */
  owed = 0n;
  /** Base units in the payee's account, and of them what the vault may pull. */
  tokens = 0n;
  allowed = 0n;
  /** What the payee's delegate may give back a day, units, and how much of it on which day is used. */
  delegate = { perDay: 0n, used: 0n, day: 0 };
  /** Time of every block, seconds. */
  seconds = START;
  /** Why the vault refuses calls of a function, by its name. */
  readonly refusals = new Map<string, string>();
  /** Names of the functions of the transactions that were mined, in order. */
  readonly calls: string[] = [];
  /** How often it was closed. */
  closed = 0;
  readonly returns: Return[] = [];
  private readonly card: () => Uint8Array;

  /** `card` answers the key of the card, 33 bytes. */
  constructor(address: Uint8Array, card: () => Uint8Array) {
    const holder: { carryOut: (transaction: ScriptedTransaction) => void } = { carryOut: () => undefined };
    super(address, (transaction) => {
      holder.carryOut(transaction);
    });
    this.card = card;
    holder.carryOut = (transaction) => {
      this.carryOut(transaction);
    };
    Object.assign(this.views, {
      isUsed: (_: Uint8Array, counter: number, tag: BlockTag) => this.whileThere(this.usedAt(counter, tag)),
      merchant: () => this.whileThere({ earned: this.owed + 5n, withdrawn: 5n }),
      token: () => this.whileThere(token),
      tokenBalance: () => this.whileThere(this.tokens),
      tokenAllowance: () => this.whileThere(this.allowed),
    });
    this.call = async (call, tag) => {
      this.assertNotRefused(call);
      return await this.whileThere(this.view(call, tag));
    };
    const settlements = this.logs;
    this.logs = async (filter) => [...(await settlements(filter)), ...this.returnLogs(filter)];
  }

  override close(): void {
    this.closed += 1;
  }

  override async block(tag: BlockTag): Promise<ChainBlock | null> {
    const block = await super.block(tag);
    return block === null ? null : { ...block, timestamp: BigInt(this.seconds) };
  }

  override async estimateGas(call?: ChainCall): Promise<bigint> {
    if (call !== undefined) this.assertNotRefused(call);
    return await super.estimateGas();
  }

  /** A call that the vault refuses is undone however it is tried. */
  private assertNotRefused({ data }: ChainCall): void {
    const refusal = this.refusals.get(functionOf(data));
    if (refusal !== undefined) throw new RpcError("REVERTED", "execution reverted", null, refusal);
  }

  /** Somebody settles a voucher in a block of its own; answers the transaction. */
  async settle({ entry }: Pick<VoucherRecord, "entry">): Promise<string> {
    const bundle = decodeVoucherBundle(entry);
    this.owed += bundle.message.amount;
    return await this.send(settleCallOf([bundle]));
  }

  /** Sends a call from the account, and makes a block of it; answers the transaction. */
  async send(data: Uint8Array): Promise<string> {
    const nonce = await this.transactionCount(this.signer.address, "pending");
    const { raw, hash } = await this.signer.sign({
      ...{ chainId: 31_337n, nonce, to: this.views.vault, data, gas: 1n, maxFee: 10_000n, priorityFee: 1n },
      accessList: [],
    });
    await this.sendRaw(raw);
    this.mine();
    return toHex(hash);
  }

  /** Units of a voucher that were given back. */
  returnedOf(id: Uint8Array, tag: BlockTag = "latest"): bigint {
    return this.returns
      .filter((each) => toHex(each.voucherId) === toHex(id) && this.stands(each, tag))
      .reduce((sum, { units }) => sum + units, 0n);
  }

  private stands({ transaction }: Pick<Return, "transaction">, tag: BlockTag): boolean {
    return typeof tag !== "bigint" || transaction.block <= tag;
  }

  /** Whether a counter was settled or released by a block. */
  private usedAt(counter: number, tag: BlockTag): boolean {
    const isReleased = this.returns.some(
      (each) => each.kind === "release" && each.counter === counter && this.stands(each, tag),
    );
    return isReleased || this.isSettled(counter, tag);
  }

  private isSettled(counter: number, tag: BlockTag): boolean {
    return this.mined.some((transaction) => {
      const payload = decodeVaultCall("settle", transaction.data)?.values["payload"];
      if (!(payload instanceof Uint8Array) || !this.stands({ transaction }, tag)) return false;
      return readPayloadItems(payload).some((item) => item.counter === counter);
    });
  }

  private view({ data }: ChainCall, tag: BlockTag): Uint8Array {
    const returned = decodeVaultCall("returned", data)?.values["voucherId"];
    if (returned instanceof Uint8Array)
      return fromHex(vault.encodeFunctionResult("returned", [this.returnedOf(returned, tag)]));
    const { perDay, used, day } = this.delegate;
    if (decodeVaultCall("delegate", data) !== null)
      return fromHex(vault.encodeFunctionResult("delegate", [perDay, used, day]));
    const counter = decodeVaultCall("isUsed", data)?.values["counter"];
    if (typeof counter === "bigint")
      return fromHex(vault.encodeFunctionResult("isUsed", [this.usedAt(Number(counter), tag)]));
    if (decodeVaultCall("merchant", data) !== null)
      return fromHex(vault.encodeFunctionResult("merchant", [this.owed + 5n, 5n]));
    throw new Error("this view is not asked here");
  }

  private carryOut(transaction: ScriptedTransaction): void {
    const { data, hash } = transaction;
    const name = functionOf(data);
    this.calls.push(name);
    if (this.undone.has(hash)) return;
    if (name === "approve") this.allowed = BigInt(toHex(data.slice(36)));
    if (name === "refund") {
      const units = decodeVaultCall("refund", data)?.values["units"] as bigint;
      const pulled = units > this.owed ? units - this.owed : 0n;
      this.owed -= units - pulled;
      this.tokens -= pulled;
      this.allowed -= pulled;
      this.give("refund", refundedVoucher(data) ?? new Uint8Array(32), units, 0, transaction);
    }
    if (name !== "release" && name !== "releaseFor" && name !== "refundFor") return;
    const values = decodeVaultCall(name, data)?.values;
    const message = decodeVoucherMessage(values?.["message"] as Uint8Array);
    const id = voucherId(addressOfKey(this.card()), message);
    if (name !== "refundFor") this.give("release", id, message.amount, message.counter, transaction);
    else {
      const units = (values?.["total"] as bigint) - this.returnedOf(id);
      this.owed -= units;
      this.give("refund", id, units, 0, transaction);
    }
  }

  private give(
    kind: Return["kind"],
    id: Uint8Array,
    units: bigint,
    counter: number,
    transaction: ScriptedTransaction,
  ): void {
    if (units > 0n) this.returns.push({ kind, voucherId: id, units, counter, transaction });
  }

  /** Releases alone, as the vault logs them: one event for the counter, and one that names the voucher. */
  private returnLogs({ from, to }: LogFilter): readonly ChainLog[] {
    const released = this.returns.filter(
      ({ kind, transaction: { block } }) => kind === "release" && block >= from && block <= to,
    );
    return released.flatMap(({ voucherId: id, units, counter, transaction }) => {
      const payee = toHex(this.signer.address);
      const card = toHex(addressOfKey(this.card()));
      return [
        vault.encodeEventLog("Released", [card, payee, counter, units]),
        vault.encodeEventLog("Returned", [payee, toHex(new Uint8Array(20)), toHex(id), units, 0]),
      ].map(({ topics, data }, logIndex) => ({
        ...{ address: this.views.vault, topics: topics.map((topic) => fromHex(topic)), data: fromHex(data), logIndex },
        ...{ blockNumber: transaction.block, blockHash: new Uint8Array(32) },
        transactionHash: fromHex(transaction.hash),
      }));
    });
  }

  private whileThere<T>(value: T): Promise<T> {
    return this.away ? Promise.reject(new RpcError("UNREACHABLE", "the node is away")) : Promise.resolve(value);
  }
}

/** The name of the vault's or the token's function that is called. */
function functionOf(data: Uint8Array): string {
  return vault.getFunction(toHex(data.slice(0, 4)))?.name ?? "approve";
}
