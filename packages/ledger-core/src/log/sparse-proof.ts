import { LedgerError } from "../model/errors.ts";
import { LOG_TILE_HEIGHT } from "../model/limits.ts";
import { subtreesOf, type LeafRange } from "./leaf-ranges.ts";
import type { ReadNodes } from "./log-frontier.ts";
import { foldSubtrees, nodeHash, treeHead } from "./merkle-hash.ts";

/**
 * The heads of the complete subtrees that leaves `from` to `to` − 1 consist of, from left to right:
 * what stands for entries that a sparse proof leaves out.
 */
export async function rangeHashes(range: LeafRange, read: ReadNodes): Promise<readonly Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  for (const { level, position } of subtreesOf(range)) {
    const count = 2 ** (level % LOG_TILE_HEIGHT);
    hashes.push(treeHead(await read(Math.floor(level / LOG_TILE_HEIGHT), position * count, count)));
  }
  return hashes;
}

/**
 * A log's head, worked out from some of its leaves in their order and from the heads of what lies
 * between them. It keeps one hash for each bit of the log's size, however long the log is.
 */
export class SparseLog {
  readonly #nodes: { readonly level: number; readonly hash: Uint8Array }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds the next leaf. */
  addLeaf(hash: Uint8Array): void {
    this.#add(0, hash);
  }

  /** Adds what stands for the leaves up to `to` − 1. Throws LedgerError BAD_LOG_RANGE where these are not its hashes. */
  addHashes(to: number, hashes: readonly Uint8Array[]): void {
    const subtrees = Number.isSafeInteger(to) && to >= this.#size ? subtreesOf({ from: this.#size, to }) : null;
    if (subtrees?.length !== hashes.length)
      throw new LedgerError("BAD_LOG_RANGE", `Leaves ${this.#size} to ${to} are not ${hashes.length} subtrees.`);
    for (const [place, { level }] of subtrees.entries()) this.#add(level, hashes[place] as Uint8Array);
  }

  /** Head of the log as it stands. */
  root(): Uint8Array {
    return foldSubtrees(this.#nodes.map(({ hash }) => hash));
  }

  #add(level: number, hash: Uint8Array): void {
    this.#size += 2 ** level;
    let node = { level, hash };
    for (let left = this.#nodes.at(-1); left?.level === node.level; left = this.#nodes.at(-1)) {
      this.#nodes.pop();
      node = { level: node.level + 1, hash: nodeHash(left.hash, node.hash) };
    }
    this.#nodes.push(node);
  }
}
