import { GAP_WORDS_AN_ITEM, LAZY_COUNTERS, WINDOW_COUNTERS } from "../limits.ts";

const WORD = 256;
const WINDOW_MASK = (1n << BigInt(WINDOW_COUNTERS)) - 1n;

/** A counter book as plain data, for keeping. */
export interface SavedCounterBook {
  readonly base: number;
  readonly window: string;
  readonly gaps: readonly (readonly [number, string])[];
}

/**
 * Which counters of a card are used, kept as the packed vault keeps them (spec §7.7): a window of 120 counters above base,
 * and below it the unpaid ones as bits of gap words. Base is always raised over the used counters that follow it; the
 * contract raises it later at times, which changes nothing that can be seen.
 */
export class CounterBook {
  private base = 0;
  private window = 0n;
  private readonly gaps = new Map<number, bigint>();

  /** A book of its own with the same content. */
  copy(): CounterBook {
    return CounterBook.restore(this.save());
  }

  /** Whether the counter was settled, released or voided; counter 0 never is. */
  isUsed(counter: number): boolean {
    if (counter > this.base) return this.bit(counter) === 1n;
    return counter !== 0 && !this.isGap(counter);
  }

  /** Whether the counter lies at or below base, where the unpaid ones stand in gap words. */
  isBehind(counter: number): boolean {
    return counter <= this.base;
  }

  /** Gap words that must be written before the counter can be marked; counts no further than `most` + 1. */
  gapWords(counter: number, most: number = GAP_WORDS_AN_ITEM): number {
    return this.pathTo(counter, most).words.length;
  }

  /** The steps of the window until it holds the counter, and the gap words that they write; looks no further than `most` + 1 of those. */
  pathTo(
    counter: number,
    most: number = GAP_WORDS_AN_ITEM,
  ): { readonly steps: number; readonly words: readonly number[] } {
    const words: number[] = [];
    let steps = 0;
    let { base, window } = this;
    while (counter > base + WINDOW_COUNTERS && words.length <= most) {
      const step = stepOf(base, window, counter - WINDOW_COUNTERS);
      if (step.unpaid !== 0n) words.push(step.word);
      ({ base, window } = step);
      steps += 1;
    }
    return { steps, words };
  }

  /** Whether a gap word holds an unpaid counter: it stands in storage then. */
  hasGapWord(word: number): boolean {
    return this.gaps.has(word);
  }

  /**
   * The lowest base that the packed vault may have at a group's begin. It raises base only when a counter more than
   * LAZY_COUNTERS above it is used, so that it may lie behind by the used counters that follow it, as many as leave none beyond that.
   */
  lowestBase(): number {
    const highest = this.base + this.window.toString(2).length - (this.window === 0n ? 1 : 0);
    return Math.max(0, this.base - Math.max(0, Math.min(LAZY_COUNTERS, this.base + LAZY_COUNTERS - highest)));
  }

  /** Marks an unused counter, sliding the window as far as needed. */
  mark(counter: number): void {
    if (counter <= this.base) {
      const word = Math.floor(counter / WORD);
      const left = (this.gaps.get(word) ?? 0n) & ~(1n << BigInt(counter % WORD));
      if (left === 0n) this.gaps.delete(word);
      else this.gaps.set(word, left);
      return;
    }
    this.slide(counter - WINDOW_COUNTERS);
    this.window |= 1n << BigInt(counter - this.base - 1);
    this.settle();
  }

  /** Slides the window's base to a counter at least, as `advance` did on chain. */
  slide(target: number): void {
    while (this.base < target) {
      const step = stepOf(this.base, this.window, target);
      if (step.unpaid !== 0n) this.gaps.set(step.word, (this.gaps.get(step.word) ?? 0n) | step.unpaid);
      this.base = step.base;
      this.window = step.window;
    }
    this.settle();
  }

  save(): SavedCounterBook {
    const gaps = [...this.gaps].map(([word, bits]) => [word, `0x${bits.toString(16)}`] as const);
    return { base: this.base, window: `0x${this.window.toString(16)}`, gaps };
  }

  static restore(saved: SavedCounterBook): CounterBook {
    const book = new CounterBook();
    book.base = saved.base;
    book.window = BigInt(saved.window);
    for (const [word, bits] of saved.gaps) book.gaps.set(word, BigInt(bits));
    return book;
  }

  private bit(counter: number): bigint {
    const place = counter - this.base - 1;
    return place < WINDOW_COUNTERS ? (this.window >> BigInt(place)) & 1n : 0n;
  }

  private isGap(counter: number): boolean {
    return (((this.gaps.get(Math.floor(counter / WORD)) ?? 0n) >> BigInt(counter % WORD)) & 1n) === 1n;
  }

  private settle(): void {
    while ((this.window & 1n) === 1n) {
      this.window >>= 1n;
      this.base += 1;
    }
  }
}

/** One step of the window: to the end of a gap word, and no further than the target. */
function stepOf(
  base: number,
  window: bigint,
  target: number,
): { base: number; window: bigint; word: number; unpaid: bigint } {
  const first = base + 1;
  const word = Math.floor(first / WORD);
  const last = Math.min(word * WORD + WORD - 1, target);
  const count = BigInt(last - first + 1);
  const unpaid = (~(window & WINDOW_MASK) & ((1n << count) - 1n)) << BigInt(first % WORD);
  return { base: last, window: window >> count, word, unpaid };
}
