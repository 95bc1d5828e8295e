import { MAX_WATCHED_ADDRESSES, REQUEST_WINDOW_MS } from "../limits.ts";

export interface RequestRateOptions {
  /** Requests of one address in a window of a minute. */
  readonly most: number;
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number;
}

/** The address under which all others are counted when too many addresses ask. */
const ANY_OTHER = "any other";

/**
 * Counts the requests of each address in windows of a minute. An address that asked as often as it
 * may waits until its window ends; its requests meanwhile are not counted against the next one.
 */
export class RequestRate {
  private readonly options: RequestRateOptions;
  private readonly counts = new Map<string, number>();
  private began = Number.NEGATIVE_INFINITY;

  constructor(options: RequestRateOptions) {
    this.options = options;
  }

  /** Counts one request; seconds after which the address is heard again, 0 where it is heard now. */
  waitSeconds(address: string): number {
    const now = this.options.now();
    if (now - this.began >= REQUEST_WINDOW_MS) {
      this.counts.clear();
      this.began = now;
    }
    const isApart = this.counts.size < MAX_WATCHED_ADDRESSES || this.counts.has(address);
    const name = isApart ? address : ANY_OTHER;
    const count = this.counts.get(name) ?? 0;
    if (count >= this.options.most) return Math.max(1, Math.ceil((this.began + REQUEST_WINDOW_MS - now) / 1_000));
    this.counts.set(name, count + 1);
    return 0;
  }
}
