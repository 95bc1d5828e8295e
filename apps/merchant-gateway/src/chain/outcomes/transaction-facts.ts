import { type ChainBlock, RpcError } from "@tallystick/evm";
import { equalBytes, fromHex } from "@tallystick/protocol";
import { type FactPlace, readFacts, type VaultFact } from "./vault-facts.ts";

/**
 * Where a named transaction stands: in no block, undone, in a block that may still go, or in one
 * that is final.
 */
export interface TransactionFacts {
  readonly stands: "absent" | "undone" | "mined" | "final";
  readonly facts: readonly VaultFact[];
}

const nothing = { facts: [] } as const;

/** Reads named transactions through a node in one pass, each once: a batch pays many vouchers. */
export class TransactionReader {
  private readonly place: FactPlace;
  private readonly known = new Map<string, TransactionFacts>();
  private final: ChainBlock | null = null;

  constructor(place: FactPlace) {
    this.place = place;
  }

  /** The newest final block, the same for the whole pass. Rejects with RpcError. */
  async finalBlock(): Promise<ChainBlock> {
    this.final ??= await this.place.rpc.block("finalized");
    if (this.final === null) throw new RpcError("UNREACHABLE", "The node has no finalized block.");
    return this.final;
  }

  /**
   * What a transaction did to vouchers. Who named it is not believed: receipt, payload and result
   * bitmap are read. Rejects with RpcError or VaultError.
   */
  async read(tx: string): Promise<TransactionFacts> {
    const known = this.known.get(tx);
    if (known !== undefined) return known;
    const read = await this.readAnew(tx);
    this.known.set(tx, read);
    return read;
  }

  private async readAnew(tx: string): Promise<TransactionFacts> {
    // Anything may stand in an answer of settlement.
    if (!/^0x[0-9a-f]{64}$/i.test(tx)) return { stands: "absent", ...nothing };
    const { rpc } = this.place;
    const receipt = await rpc.receipt(fromHex(tx, 32));
    if (receipt === null) return { stands: "absent", ...nothing };
    if (!receipt.succeeded) return { stands: "undone", ...nothing };
    const { blockNumber: number } = receipt;
    const facts = (await readFacts(this.place, { from: number, to: number })).filter(
      (fact) => fact.tx === tx.toLowerCase(),
    );
    if (number > (await this.finalBlock()).number) return { stands: "mined", facts };
    const block = await rpc.block(number);
    return { stands: block !== null && equalBytes(block.hash, receipt.blockHash) ? "final" : "mined", facts };
  }
}
