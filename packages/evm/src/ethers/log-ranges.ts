import { LOG_RANGE_PROOFS, MOST_LOG_BLOCKS } from "../limits.ts";
import type { ChainLog } from "../rpc/chain-rpc.ts";
import { isRpcError, type RpcError } from "../rpc/rpc-error.ts";

/** Asks a node once for the logs of these blocks, both inclusive. */
export type AskLogs = (from: bigint, to: bigint) => Promise<readonly ChainLog[]>;

/**
 * Reads logs in ranges as wide as the node allows: what it refuses is halved, or cut to what it
 * proposes, and what it has answered for a while is doubled again.
 */
export class LogRanges {
  private width = MOST_LOG_BLOCKS;
  private answered = 0;

  /** All logs of the blocks. Rejects with RpcError; RANGE_TOO_WIDE only for a single block. */
  async read(from: bigint, to: bigint, ask: AskLogs): Promise<readonly ChainLog[]> {
    const found: ChainLog[] = [];
    for (let at = from; at <= to;) {
      const end = at + this.width - 1n < to ? at + this.width - 1n : to;
      try {
        found.push(...(await ask(at, end)));
      } catch (error) {
        if (!isRefusedRange(error) || end === at) throw error;
        this.narrow(error, { from: at, to: end });
        continue;
      }
      if (end - at + 1n === this.width) this.grow();
      at = end + 1n;
    }
    return found;
  }

  private narrow(error: RpcError, { from, to }: { readonly from: bigint; readonly to: bigint }): void {
    const asked = to - from + 1n;
    const half = asked / 2n;
    const proposed = proposedWidth(error.message, from);
    this.width = proposed !== null && proposed > 0n && proposed < asked ? proposed : half;
    this.answered = 0;
  }

  private grow(): void {
    this.answered += 1;
    if (this.answered < LOG_RANGE_PROOFS) return;
    this.answered = 0;
    const doubled = this.width * 2n;
    this.width = doubled < MOST_LOG_BLOCKS ? doubled : MOST_LOG_BLOCKS;
  }
}

function isRefusedRange(error: unknown): error is RpcError {
  return isRpcError(error, "RANGE_TOO_WIDE") || isRpcError(error, "ANSWER_TOO_LARGE");
}

/** "… this block range should work: [0x10, 0x1f]": from where was asked, so many blocks. */
function proposedWidth(message: string, from: bigint): bigint | null {
  const [, first, last] = /\[\s*(0x[0-9a-f]{1,16})\s*,\s*(0x[0-9a-f]{1,16})\s*\]/i.exec(message) ?? [];
  if (first === undefined || last === undefined || BigInt(first) !== from) return null;
  return BigInt(last) - from + 1n;
}
