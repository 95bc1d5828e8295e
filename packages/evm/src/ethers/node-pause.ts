import { RETRY_AFTER_CEILING_MS } from "../limits.ts";
import type { RpcError } from "../rpc/rpc-error.ts";
import { pauseAfter, retryAfterMs } from "./back-off.ts";

export interface NodePauseOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/**
 * Leaves a node alone that has asked for it, or that fails: whoever asks meanwhile is told the last
 * failure again, and the node is not troubled.
 */
export class NodePause {
  private readonly options: NodePauseOptions;
  private failures = 0;
  private until = 0;
  private last: RpcError | null = null;

  constructor(options: NodePauseOptions) {
    this.options = options;
  }

  /** Throws the last failure while the node is to be left alone. */
  check(): void {
    if (this.last !== null && this.options.now() < this.until) throw this.last;
  }

  /** Milliseconds since 1970; past where nothing stands in the way. */
  restingUntil(): number {
    return this.last === null ? 0 : this.until;
  }

  answered(): void {
    this.failures = 0;
    this.last = null;
  }

  /** The node failed, and may have said for how long it wants to be left alone. */
  failed(error: RpcError, retryAfter: string | null = null): void {
    const now = this.options.now();
    // Questions that were under way together fail together, and count once.
    if (this.last === null || now >= this.until) this.failures += 1;
    const own = pauseAfter(this.failures, this.options.random);
    const asked = retryAfterMs(retryAfter, { now, ceilingMs: RETRY_AFTER_CEILING_MS });
    this.last = error;
    // Jitter comes on top of what was asked for: many that were refused must not return together.
    this.until = Math.max(this.until, now + (asked === null ? own : asked + own));
  }
}
