import type { MoneySumRecord } from "../../../chain/money/money-sums.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { SUM_MISSING_MS, SUM_OLD_MS } from "./limits.ts";
import { type Finding, type Probe, reason, warning } from "../findings.ts";

export interface SumProbeParts {
  readonly read: () => Promise<MoneySumRecord | null>;
  readonly now: () => number;
}

/**
 * Whether the vault is still summed: a watch that sees nothing finds nothing either. It warns first,
 * as nodes are away now and then; later nobody knows any more that the money is there.
 */
export class SumProbe implements Probe {
  readonly name = "sums";
  readonly everyMs = LIMITS.probeMs;
  private readonly parts: SumProbeParts;

  constructor(parts: SumProbeParts) {
    this.parts = parts;
  }

  async look(): Promise<readonly Finding[]> {
    const newest = await this.parts.read();
    const ageMs = newest === null ? 0 : this.parts.now() - newest.at.getTime();
    if (newest === null || ageMs <= SUM_OLD_MS) return [];
    const { at, block, failure } = newest;
    const since = block === null ? "never" : `last at block ${block}, at ${at.toISOString()}`;
    const cause = failure === null ? "No process has tried it since." : `The last try failed: ${failure}`;
    const message = `The vault was summed ${since}: nobody knows whether it holds what it owes. ${cause}`;
    const grave = ageMs > SUM_MISSING_MS ? reason : warning;
    return [{ ...grave("MONEY_NOT_SUMMED", message, nextOf(failure)), since: at }];
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }
}

function nextOf(failure: string | null): string {
  if (failure === null) return "See whether a process with the role workers runs, and what its log says of MoneyWatch.";
  if (failure.startsWith("REFUSED:"))
    return "Let rpcUrl name a node that keeps the state of the last final block: an archive node where finality is slow.";
  return "See what the log of the process with the role workers says of MoneyWatch, and let another node answer.";
}
