import { LOG_TILE_NODES } from "../model/limits.ts";
import { foldSubtrees, treeHead } from "./merkle-hash.ts";
import { subtreesOf } from "./leaf-ranges.ts";

/**
 * A node of the log that is kept: a leaf at tile level 0, or the head of a full tile of the level
 * below.
 */
export interface LogNode {
  /** Tile level: a node of level k stands for 256^k leaves. */
  readonly tileLevel: number;
  readonly position: number;
  readonly hash: Uint8Array;
}

/** Reads kept nodes, `count` from `from` on; all of them exist. */
export type ReadNodes = (tileLevel: number, from: number, count: number) => Promise<readonly Uint8Array[]>;

/**
 * The right edge of a log: the nodes of each level's tile that is not full. It is all that is
 * needed to add entries and to know the head, and it is at most 255 hashes a level, however long
 * the log is.
 */
export class LogFrontier {
  private readonly tiles: Uint8Array[][];
  private count: number;

  private constructor(tiles: Uint8Array[][], count: number) {
    this.tiles = tiles;
    this.count = count;
  }

  /** Reads the edge of a log of this size. */
  static async read(size: number, read: ReadNodes): Promise<LogFrontier> {
    const tiles: Uint8Array[][] = [];
    for (let nodes = size, level = 0; nodes > 0; nodes = Math.floor(nodes / LOG_TILE_NODES), level += 1) {
      const open = nodes % LOG_TILE_NODES;
      tiles.push(open === 0 ? [] : [...(await read(level, nodes - open, open))]);
    }
    return new LogFrontier(tiles, size);
  }

  get size(): number {
    return this.count;
  }

  /** Adds leaves; answers the nodes that are to be kept, the leaves among them. */
  append(leaves: readonly Uint8Array[]): readonly LogNode[] {
    const kept: LogNode[] = [];
    for (const leaf of leaves) {
      this.add({ tileLevel: 0, position: this.count, hash: leaf }, kept);
      this.count += 1;
    }
    return kept;
  }

  /** Head of the log as it stands. */
  root(): Uint8Array {
    const hashes = this.tiles.toReversed().flatMap((tile) => {
      const parts = subtreesOf({ from: 0, to: tile.length });
      return parts.map(({ level, position }) =>
        treeHead(tile.slice(position * 2 ** level, (position + 1) * 2 ** level)),
      );
    });
    return foldSubtrees(hashes);
  }

  private add(node: LogNode, kept: LogNode[]): void {
    kept.push(node);
    const { tileLevel, position, hash } = node;
    const tile = (this.tiles[tileLevel] ??= []);
    tile.push(hash);
    if (tile.length < LOG_TILE_NODES) return;
    this.tiles[tileLevel] = [];
    const above = Math.floor(position / LOG_TILE_NODES);
    this.add({ tileLevel: tileLevel + 1, position: above, hash: treeHead(tile) }, kept);
  }
}
