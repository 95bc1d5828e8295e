import { sha256 } from "@noble/hashes/sha2.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Head of a tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** Hash of a leaf's data (RFC 6962 §2.1); the prefix keeps leaves and nodes apart. */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256.create().update(LEAF).update(data).digest();
}

/** Hash of a node over its two halves. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256.create().update(NODE).update(left).update(right).digest();
}

/**
 * Head of neighbouring complete subtrees, each smaller than the one before it; of none, EMPTY_ROOT.
 */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** Tree head over leaf hashes, or over nodes of one level (RFC 6962 §2.1). */
export function treeHead(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  if (level.length === 0) return EMPTY_ROOT;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as Uint8Array, level[at + 1]];
      // A node without a neighbour goes up as it is: the tree's right edge is as deep as it must
      // be.
      above.push(right === undefined ? left : nodeHash(left, right));
    }
    level = above;
  }
  return level[0] as Uint8Array;
}
