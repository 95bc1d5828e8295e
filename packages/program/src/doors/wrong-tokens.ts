import { MAX_PROVEN_TOKENS, MAX_WATCHED_ADDRESSES, WRONG_TOKEN_WINDOW_MS, WRONG_TOKENS_A_WINDOW } from "../limits.ts";

export interface WrongTokensOptions {
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number;
  /** Takes one line in each window in which wrong tokens came. */
  readonly warn: (message: string) => void;
}

/** The address under which all others are counted when too many addresses send wrong tokens. */
const ANY_OTHER = "any other";

/**
 * Counts wrong tokens by the address that sent them. An address with too many of them is not heard
 * until the window ends, but for tokens that were right from there before: nobody who guesses keeps
 * others out.
 */
export class WrongTokens {
  private readonly options: WrongTokensOptions;
  private readonly counts = new Map<string, number>();
  private readonly proven = new Set<string>();
  private began = Number.NEGATIVE_INFINITY;
  private before = 0;

  constructor(options: WrongTokensOptions) {
    this.options = options;
  }

  /**
   * Seconds after which this address is heard again; 0 where it is heard now. `token` is any text
   * that stands for the token, such as its hash.
   */
  waitSeconds(address: string, token: string): number {
    this.turn();
    const count = this.counts.get(this.nameOf(address)) ?? 0;
    if (count < WRONG_TOKENS_A_WINDOW || this.proven.has(`${address} ${token}`)) return 0;
    return Math.max(1, Math.ceil((this.began + WRONG_TOKEN_WINDOW_MS - this.options.now()) / 1_000));
  }

  right(address: string, token: string): void {
    const name = `${address} ${token}`;
    this.proven.delete(name);
    this.proven.add(name);
    const [oldest] = this.proven;
    if (this.proven.size > MAX_PROVEN_TOKENS && oldest !== undefined) this.proven.delete(oldest);
  }

  wrong(address: string): void {
    this.turn();
    if (this.counts.size === 0) {
      this.began = this.options.now();
      const more = this.before === 0 ? "" : ` The last time of this kind, ${this.before} came within a minute.`;
      this.options.warn(`A wrong token came from ${address}; more of this minute are counted only.${more}`);
    }
    const name = this.nameOf(address);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  private turn(): void {
    if (this.counts.size === 0 || this.options.now() - this.began < WRONG_TOKEN_WINDOW_MS) return;
    this.before = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    this.counts.clear();
  }

  private nameOf(address: string): string {
    return this.counts.size < MAX_WATCHED_ADDRESSES || this.counts.has(address) ? address : ANY_OTHER;
  }
}
