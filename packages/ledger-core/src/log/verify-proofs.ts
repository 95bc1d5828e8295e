import { equalBytes } from "./bytes.ts";
import { consistencyRanges, inclusionRanges } from "./leaf-ranges.ts";
import { EMPTY_ROOT, nodeHash } from "./merkle-hash.ts";

/** What an inclusion proof says: this leaf stands at this place of the log with this head. */
export interface InclusionClaim {
  /** `leafHash` of the entry's bytes. */
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** What a consistency proof says: the log of `to` entries begins with the one of `from`. */
export interface ConsistencyClaim {
  readonly from: number;
  readonly fromRoot: Uint8Array;
  readonly to: number;
  readonly toRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/**
 * Whether a proof shows that the leaf stands where it is said to stand (RFC 9162 §2.1.3.2). Never
 * throws.
 */
export function verifyInclusion({ leaf, index, size, root, path }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  const ranges = inclusionRanges(index, size);
  if (ranges.length !== path.length) return false;
  const head = path.reduce((hash, beside, at) => {
    const isLeft = (ranges[at]?.from ?? 0) < index;
    return isLeft ? nodeHash(beside, hash) : nodeHash(hash, beside);
  }, leaf);
  return equalBytes(head, root);
}

/**
 * Whether a proof shows that the longer log only added to the shorter one (RFC 9162 §2.1.4.2).
 * Never throws.
 */
export function verifyConsistency({ from, fromRoot, to, toRoot, path }: ConsistencyClaim): boolean {
  if (!isCount(from) || !isCount(to) || from > to) return false;
  const ranges = consistencyRanges(from, to);
  if (ranges.length !== path.length) return false;
  if (from === 0) return equalBytes(fromRoot, EMPTY_ROOT) && (to > 0 || equalBytes(toRoot, EMPTY_ROOT));
  if (from === to) return equalBytes(fromRoot, toRoot);
  // The path begins with the older log's last subtree, unless that is the whole of it, which the
  // caller holds already.
  const begun = ranges[0]?.to === from;
  const seed = begun ? path[0] : fromRoot;
  if (seed === undefined) return false;
  let [older, newer] = [seed, seed];
  path.forEach((beside, at) => {
    const range = ranges[at];
    if (range === undefined || (begun && at === 0)) return;
    if (range.from >= from) newer = nodeHash(newer, beside);
    else [older, newer] = [nodeHash(beside, older), nodeHash(beside, newer)];
  });
  return equalBytes(older, fromRoot) && equalBytes(newer, toRoot);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
