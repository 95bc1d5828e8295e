/** Leaves `from` to `to` − 1 of a log. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** A complete subtree: the leaves from position × 2^level on, 2^level of them. */
export interface Subtree {
  readonly level: number;
  readonly position: number;
}

/** The ranges whose heads are the audit path of a leaf, from the leaf upwards (RFC 6962 §2.1.1). */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  const path: LeafRange[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    path.push(index < middle ? { from: middle, to } : { from, to: middle });
    [from, to] = index < middle ? [from, middle] : [middle, to];
  }
  return path.reverse();
}

/**
 * The ranges whose heads prove that the first `size` leaves of a longer log are the older log (RFC
 * 6962 §2.1.2).
 */
export function consistencyRanges(size: number, longer: number): readonly LeafRange[] {
  if (size === 0 || size === longer) return [];
  const path: LeafRange[] = [];
  let [from, to] = [0, longer];
  // `whole`: the older log's head is known to whoever asks, so it is left out where it is a whole
  // subtree from the first leaf.
  let whole = true;
  while (to > size) {
    const middle = from + splitOf(to - from);
    if (size <= middle) {
      path.push({ from: middle, to });
      to = middle;
    } else {
      path.push({ from, to: middle });
      from = middle;
      whole = false;
    }
  }
  if (!whole) path.push({ from, to });
  return path.reverse();
}

/** The complete subtrees that a range of a proof consists of, from left to right. */
export function subtreesOf({ from, to }: LeafRange): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = from; at < to;) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1;
    subtrees.push({ level, position: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** The largest power of two below a count of leaves. */
function splitOf(leaves: number): number {
  let split = 1;
  while (split * 2 < leaves) split *= 2;
  return split;
}
