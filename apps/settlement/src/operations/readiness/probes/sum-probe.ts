import { utcText } from "../../../foundation/utc-text.ts";
import type { MoneySumRecord } from "../../../chain/money/money-sums.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { SUM_MISSING_MS, SUM_OLD_MS } from "./limits.ts";
import { type Finding, type Probe, reason, warning } from "../findings.ts";

/**
 * Whether the vault is still summed: a watch that sees nothing finds nothing either. It warns first,
 * as nodes are away now and then; later nobody knows any more that the money is there.
 */
export class SumProbe implements Probe {
  readonly name = "sums";
  readonly everyMs = LIMITS.probeMs;
  private readonly read: () => Promise<MoneySumRecord | null>;

  constructor(read: () => Promise<MoneySumRecord | null>) {
    this.read = read;
  }

  async look(): Promise<readonly Finding[]> {
    const newest = await this.read();
    // A time that is ahead says as little of the sum as one that is as long ago.
    const distanceMs = newest === null ? 0 : Math.abs(newest.ageMs);
    if (newest === null || distanceMs <= SUM_OLD_MS) return [];
    const { at, ageMs, block, failure } = newest;
    const ahead = ageMs < 0;
    const when = `${utcText(at)}${ahead ? ", which the database's own clock has not reached" : ""}`;
    const since = block === null ? "never" : `last at block ${block}, at ${when}`;
    const cause = failure === null ? "No process has tried it since." : `The last try failed: ${failure}`;
    const message = `The vault was summed ${since}: nobody knows whether it holds what it owes. ${cause}`;
    const grave = distanceMs > SUM_MISSING_MS ? reason : warning;
    const next = ahead ? `${CLOCKS} ${nextOf(failure)}` : nextOf(failure);
    return [{ ...grave("MONEY_NOT_SUMMED", message, next), ...(ahead ? {} : { since: at }) }];
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }
}

const CLOCKS = "Compare the clock of PostgreSQL's machine with the time; the next sum counts by it.";

function nextOf(failure: string | null): string {
  if (failure === null) return "See whether a process with the role workers runs, and what its log says of MoneyWatch.";
  if (failure.startsWith("REFUSED:"))
    return "Let rpcUrl name a node that keeps the state of the last final block: an archive node where finality is slow.";
  return "See what the log of the process with the role workers says of MoneyWatch, and let another node answer.";
}
