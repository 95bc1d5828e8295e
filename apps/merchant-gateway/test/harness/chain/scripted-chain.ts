import { createVaultReader, RpcError, type ChainLog, type LogFilter, type VaultReader } from "@tallystick/evm";
import { ScriptedNode, scriptedSigner, type ScriptedTransaction } from "@tallystick/evm/testing";
import { fromHex, toHex } from "@tallystick/protocol";
import { decodeVaultCall, readPayloadItems, vaultAbi } from "@tallystick/vault";
import { Interface, keccak256 } from "ethers";
import type { VaultChain } from "../../../src/chain/calls/vault-chain.ts";

const vaultEvents = new Interface(vaultAbi);

/** What the vault of a scripted chain has done. */
class ScriptedVault {
  readonly used = new Set<number>();
  /** What the vault owes the payee after a settlement. */
  earned = 0n;

  /** Carries out a transaction; throws where a counter would be settled twice. */
  carryOut(transaction: ScriptedTransaction): void {
    for (const { counter, amount } of itemsOf(transaction)) {
      if (this.used.has(counter)) throw new Error(`counter ${counter} was settled twice`);
      this.used.add(counter);
      this.earned += amount;
    }
    if (decodeVaultCall("withdraw", transaction.data) !== null) this.earned = 0n;
  }
}

/** A vault in memory behind a node in memory, with the key of its one account. */
export class ScriptedChain extends ScriptedNode implements VaultChain {
  readonly node = this;
  readonly signer = scriptedSigner;
  readonly views: VaultReader;
  /** Filters of the calls for logs, in order. */
  readonly askedLogs: LogFilter[] = [];
  private readonly vault: ScriptedVault;
  private readonly address: Uint8Array;

  /** `onMined` carries out what else a transaction does. */
  constructor(
    address: Uint8Array = new Uint8Array(20).fill(2),
    onMined: (transaction: ScriptedTransaction) => void = () => undefined,
  ) {
    const vault = new ScriptedVault();
    super({
      onMined: (transaction) => {
        vault.carryOut(transaction);
        onMined(transaction);
      },
    });
    this.vault = vault;
    this.address = address;
    this.views = this.viewsOf(address);
  }

  /** Settlements alone, as the vault logs them. */
  override logs = (filter: LogFilter): Promise<readonly ChainLog[]> => {
    this.askedLogs.push(filter);
    const settled = this.mined.filter(
      (each) => each.block >= filter.from && each.block <= filter.to && itemsOf(each).length > 0,
    );
    return this.answer(settled.map((each) => this.logOf(each)));
  };

  close(): void {
    // Nothing is open.
  }

  private logOf(transaction: ScriptedTransaction): ChainLog {
    const payload = payloadOf(transaction);
    const result = new Uint8Array(Math.ceil(itemsOf(transaction).length / 8)).fill(0xff);
    const rest = itemsOf(transaction).length % 8;
    if (rest !== 0) result[result.length - 1] = (1 << rest) - 1;
    const root = `0x${"00".repeat(32)}`;
    const { data, topics } = vaultEvents.encodeEventLog("Settled", [
      ...[toHex(scriptedSigner.address), keccak256(toHex(payload)), root, root],
      ...[toHex(result), "0x"],
    ]);
    return {
      address: this.address,
      topics: topics.map((topic) => fromHex(topic)),
      data: fromHex(data),
      blockNumber: transaction.block,
      blockHash: new Uint8Array(32),
      transactionHash: fromHex(transaction.hash),
      logIndex: 0,
    };
  }

  private viewsOf(address: Uint8Array): VaultReader {
    const unused = () => Promise.reject(new Error("not asked here"));
    return {
      ...createVaultReader({ rpc: this, vault: address }),
      ...{ card: unused, token: unused, tokenBalance: unused, tokenAllowance: unused },
      isUsed: (_, counter) => this.answer(this.vault.used.has(counter)),
      merchant: () => this.answer({ earned: this.vault.earned, withdrawn: 0n }),
    };
  }

  private answer<T>(value: T): Promise<T> {
    return this.away ? Promise.reject(new RpcError("UNREACHABLE", "the node is away")) : Promise.resolve(value);
  }
}

function itemsOf(transaction: ScriptedTransaction) {
  const payload = payloadOf(transaction);
  return payload.length === 0 ? [] : readPayloadItems(payload);
}

function payloadOf({ data }: ScriptedTransaction): Uint8Array {
  const payload = decodeVaultCall("settle", data)?.values["payload"];
  return payload instanceof Uint8Array ? payload : new Uint8Array();
}
