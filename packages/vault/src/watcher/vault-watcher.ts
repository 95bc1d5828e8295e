import { type BlockReference, type ChainReader, followChain, type FollowerStore } from "./chain-follower.ts";
import { decodeVaultEvent, type VaultEvent } from "../events/vault-events.ts";
import { type SavedVaultState, VaultState } from "../state/vault-state.ts";

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
   * Takes in new final blocks and looks at the newest ones. Throws VaultError FINAL_BLOCK_GONE or BLOCK_UNKNOWN when the block it
   * stands on is no longer there or not shown, and CHAIN_UNSTEADY when the newest blocks keep changing; after any of them,
   * nothing was taken in twice.
   */
  async pass(): Promise<VaultView> {
    const newlyFinal: VaultEvent[] = [];
    const { chain, startBlock } = this;
    const view = await followChain({
      ...{ chain, startBlock },
      store: this.store(newlyFinal),
      decode: (log) => decodeVaultEvent(log, chain.transactionInput),
    });
    const latest = this.state.fork();
    for (const event of view.latest) latest.apply(event);
    const { finalBlock, latestBlock } = view;
    return { final: this.state, finalBlock: this.cursor ?? finalBlock, latest, latestBlock, newlyFinal };
  }

  /** Where it stands, for the next start; null before the first final block was taken in. */
  save(): SavedWatcher | null {
    if (this.cursor === null) return null;
    return { block: String(this.cursor.number), hash: this.cursor.hash, state: this.state.save() };
  }

  /** Keeps the cursor and the state in memory; one watcher has one caller, so nobody else moves the cursor. */
  private store(newlyFinal: VaultEvent[]): FollowerStore<VaultEvent> {
    return {
      cursor: async () => this.cursor,
      takeIn: async ({ last, events }) => {
        const next = VaultState.restore(this.state.save());
        for (const event of events) next.apply(event);
        this.state = next;
        this.cursor = { number: last.number, hash: last.hash };
        newlyFinal.push(...events);
      },
    };
  }
}
