import type { ObservationStore } from "../../journal/knowledge/observation-store.ts";

/**
 * What voided counters of a card are worth together, in units (spec §6.3): each run of them the difference of `spent` between its
 * neighbours, where this terminal has verified both. A run with an unproved neighbour counts 0, because the terminal does not know what it
 * took from the card; where payments contradict each other, the lower difference counts. What the card signed above `maxSpent` of its
 * allowance proves nothing.
 */
export function voidedWorth(
  observations: Pick<ObservationStore, "spentAfter">,
  card: { readonly domainBytes: Uint8Array; readonly cardKey: Uint8Array; readonly maxSpent: bigint },
  counters: readonly number[],
): bigint {
  const spentAfter = (counter: number): readonly bigint[] =>
    observations.spentAfter(card.domainBytes, card.cardKey, counter).filter((spent) => spent <= card.maxSpent);
  let sum = 0n;
  for (const { first, last } of runsOf(counters)) {
    const before = spentAfter(first - 1);
    const after = spentAfter(last);
    if (before.length === 0 || after.length === 0) continue;
    const worth = after.reduce(lower) - before.reduce(higher);
    if (worth > 0n) sum += worth;
  }
  return sum;
}

function lower(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function higher(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function runsOf(counters: readonly number[]): readonly { readonly first: number; readonly last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const counter of [...new Set(counters)].sort((left, right) => left - right)) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === counter - 1) run.last = counter;
    else runs.push({ first: counter, last: counter });
  }
  return runs;
}
