/** Numbers that look random and are the same for the same seed, so that a failed day can be played again. */
export interface SeededRandom {
  /** A whole number from 0 to `bound` − 1. */
  readonly below: (bound: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
}

/** xorshift32 (Marsaglia 2003); good enough to choose moments, and for nothing that must be unguessable. */
export function seededRandom(seed: number): SeededRandom {
  let state = (Math.imul(seed | 0, 2_654_435_761) ^ 0x9e37_79b9) | 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    pick: (from) => {
      const found = from[below(from.length)];
      if (found === undefined) throw new RangeError("nothing to pick from");
      return found;
    },
  };
}
