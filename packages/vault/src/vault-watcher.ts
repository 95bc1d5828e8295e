import { VaultError } from "./errors.ts";
import { LOG_RANGE_BLOCKS, VIEW_ATTEMPTS } from "./limits.ts";
import { decodeVaultEvent, type RawLog, type VaultEvent } from "./vault-events.ts";
import { type SavedVaultState, VaultState } from "./vault-state.ts";

/** A block by number and hash (0x hex). */
export interface BlockReference {
  readonly number: bigint;
  readonly hash: string;
}

/** What the watcher needs of a node; the application brings it. Each call may reject, and then the pass does. */
export interface ChainReader {
  /** The newest block, or the newest that is final. */
  readonly newest: (tag: "latest" | "finalized") => Promise<BlockReference>;
  readonly block: (number: bigint) => Promise<BlockReference | null>;
  /** The vault's logs in these blocks, both inclusive, in the order of the chain. */
  readonly logs: (from: bigint, to: bigint) => Promise<readonly RawLog[]>;
  /** The calldata of a transaction, or null where the node does not know it. */
  readonly transactionInput: (transactionHash: string) => Promise<Uint8Array | null>;
}

/** Where a watcher stands: the last final block taken in and the state then. JSON can hold it. */
export interface SavedWatcher {
  readonly block: string;
  readonly hash: string;
  readonly state: SavedVaultState;
}

/** What one pass found. */
export interface VaultView {
  /** The vault's state at the newest final block. */
  readonly final: VaultState;
  readonly finalBlock: BlockReference;
  /** The same at the newest block; made anew by each pass, so that a reorganisation needs no undoing. */
  readonly latest: VaultState;
  readonly latestBlock: BlockReference;
  /** Events that became final in this pass, in the order of the chain. */
  readonly newlyFinal: readonly VaultEvent[];
}

export interface WatcherOptions {
  readonly chain: ChainReader;
  /** The block in which the vault was deployed, or an earlier one. */
  readonly startBlock: bigint;
  /** What `save` gave before; then `startBlock` is not used. */
  readonly saved?: SavedWatcher;
}

/**
 * Rebuilds the vault's state from events and calldata. What stands in a final block is taken in once and kept; what stands
 * in later blocks is a view that each pass makes anew.
 */
export class VaultWatcher {
  private readonly chain: ChainReader;
  private cursor: BlockReference | null;
  private state: VaultState;
  private readonly startBlock: bigint;

  constructor({ chain, startBlock, saved }: WatcherOptions) {
    this.chain = chain;
    this.startBlock = startBlock;
    this.cursor = saved === undefined ? null : { number: BigInt(saved.block), hash: saved.hash };
    this.state = saved === undefined ? new VaultState() : VaultState.restore(saved.state);
  }

  /**
   * Takes in new final blocks and looks at the newest ones. Throws VaultError FINAL_BLOCK_GONE when the block it stands on
   * is no longer there, and CHAIN_UNSTEADY when the newest blocks keep changing; after either, nothing was taken in twice.
   */
  async pass(): Promise<VaultView> {
    const newlyFinal: VaultEvent[] = [];
    const finalBlock = await this.chain.newest("finalized");
    await this.checkCursor();
    for (let from = this.next(); from <= finalBlock.number; from = this.next()) {
      newlyFinal.push(...(await this.takeIn(from, finalBlock)));
    }
    const { latest, latestBlock } = await this.viewLatest();
    return { final: this.state, finalBlock: this.cursor ?? finalBlock, latest, latestBlock, newlyFinal };
  }

  /** Where it stands, for the next start; null before the first final block was taken in. */
  save(): SavedWatcher | null {
    if (this.cursor === null) return null;
    return { block: String(this.cursor.number), hash: this.cursor.hash, state: this.state.save() };
  }

  private next(): bigint {
    return this.cursor === null ? this.startBlock : this.cursor.number + 1n;
  }

  private async checkCursor(): Promise<void> {
    if (this.cursor === null) return;
    const there = await this.chain.block(this.cursor.number);
    if (there?.hash !== this.cursor.hash)
      throw new VaultError("FINAL_BLOCK_GONE", { block: this.cursor.number, hash: this.cursor.hash });
  }

  /** Takes in one range, all of it or nothing. */
  private async takeIn(from: bigint, finalBlock: BlockReference): Promise<readonly VaultEvent[]> {
    const widest = from + LOG_RANGE_BLOCKS - 1n;
    const to = widest < finalBlock.number ? widest : finalBlock.number;
    const last = to === finalBlock.number ? finalBlock : await this.chain.block(to);
    if (last === null) throw new VaultError("FINAL_BLOCK_GONE", { block: to, hash: "unknown" });
    const events = await this.events(from, to);
    const next = VaultState.restore(this.state.save());
    for (const event of events) next.apply(event);
    this.state = next;
    this.cursor = last;
    return events;
  }

  private async viewLatest(): Promise<{ latest: VaultState; latestBlock: BlockReference }> {
    for (let attempt = 0; attempt < VIEW_ATTEMPTS; attempt += 1) {
      const latestBlock = await this.chain.newest("latest");
      const latest = this.state.fork();
      for (let from = this.next(); from <= latestBlock.number; from += LOG_RANGE_BLOCKS) {
        const widest = from + LOG_RANGE_BLOCKS - 1n;
        const to = widest < latestBlock.number ? widest : latestBlock.number;
        for (const event of await this.events(from, to)) latest.apply(event);
      }
      // The blocks were read one call after another: they are one chain only if the newest still stands where it stood.
      const there = await this.chain.block(latestBlock.number);
      if (there?.hash === latestBlock.hash) return { latest, latestBlock };
    }
    throw new VaultError("CHAIN_UNSTEADY", { attempts: VIEW_ATTEMPTS });
  }

  private async events(from: bigint, to: bigint): Promise<VaultEvent[]> {
    const events: VaultEvent[] = [];
    for (const log of await this.chain.logs(from, to)) {
      events.push(await decodeVaultEvent(log, this.chain.transactionInput));
    }
    return events;
  }
}
