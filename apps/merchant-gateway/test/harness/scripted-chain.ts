import { RpcError, type VaultReader } from "@tallystick/evm";
import { ScriptedNode, scriptedSigner, type ScriptedTransaction } from "@tallystick/evm/testing";
import { toHex } from "@tallystick/protocol";
import { decodeVaultCall, readPayloadItems, type SettledItem } from "@tallystick/vault";
import type { VaultChain } from "../../src/chain/calls/vault-chain.ts";

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
  private readonly vault: ScriptedVault;

  constructor(address: Uint8Array = new Uint8Array(20).fill(2)) {
    const vault = new ScriptedVault();
    super({
      onMined: (transaction) => {
        vault.carryOut(transaction);
      },
    });
    this.vault = vault;
    this.views = this.viewsOf(address);
  }

  close(): void {
    // Nothing is open.
  }

  private viewsOf(address: Uint8Array): VaultReader {
    const unused = () => Promise.reject(new Error("not asked here"));
    return {
      vault: address,
      ...{ card: unused, token: unused, tokenBalance: unused, tokenAllowance: unused },
      isUsed: (_, counter) => this.answer(this.vault.used.has(counter)),
      merchant: () => this.answer({ earned: this.vault.earned, withdrawn: 0n }),
      settledBy: (hash) => this.answer(this.settledBy(hash)),
    };
  }

  private settledBy(hash: Uint8Array): readonly SettledItem[] {
    const found = this.mined.find((each) => each.hash === toHex(hash));
    return found === undefined ? [] : itemsOf(found).map((item) => ({ item, paid: true }));
  }

  private answer<T>(value: T): Promise<T> {
    return this.away ? Promise.reject(new RpcError("UNREACHABLE", "the node is away")) : Promise.resolve(value);
  }
}

function itemsOf({ data }: ScriptedTransaction) {
  const payload = decodeVaultCall("settle", data)?.values["payload"];
  return payload instanceof Uint8Array ? readPayloadItems(payload) : [];
}
