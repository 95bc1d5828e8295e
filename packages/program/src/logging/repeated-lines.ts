import { MAX_COUNTED_LINES, REPEATED_LINE_MS } from "../limits.ts";

/** Whether a line is to be written, and how often it came without being written before. */
export interface LineVerdict {
  readonly write: boolean;
  readonly repeats: number;
}

/**
 * Counts lines that come again and again instead of writing each: of equal ones, the first is
 * written, and then one each minute with the number of those between.
 */
export class RepeatedLines {
  private readonly now: () => number;
  private readonly known = new Map<string, { readonly writtenAt: number; readonly repeats: number }>();

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.now = now;
  }

  see(line: string): LineVerdict {
    const at = this.now();
    const seen = this.known.get(line);
    if (seen !== undefined && at - seen.writtenAt < REPEATED_LINE_MS) {
      this.known.set(line, { writtenAt: seen.writtenAt, repeats: seen.repeats + 1 });
      return { write: false, repeats: seen.repeats + 1 };
    }
    this.known.delete(line);
    this.known.set(line, { writtenAt: at, repeats: 0 });
    this.forget();
    return { write: true, repeats: seen?.repeats ?? 0 };
  }

  /** The ones that were written longest ago go first. */
  private forget(): void {
    for (const line of this.known.keys()) {
      if (this.known.size <= MAX_COUNTED_LINES) return;
      this.known.delete(line);
    }
  }
}
