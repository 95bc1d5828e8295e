/**
 * A verified statement about a card: after `counter` payments it had spent `spent` units in all.
 */
export interface SpentMark {
  readonly counter: bigint;
  readonly spent: bigint;
}

/**
 * What released and voided counters are worth together (spec §6.3): each run of them counts the
 * difference of `spent` between its verified neighbours. A run with an unproved neighbour counts 0,
 * for nobody knows what it took from the card. Marks that contradict each other prove nothing: then
 * the lower difference counts.
 */
export function voidedSum(unused: readonly bigint[], marks: readonly SpentMark[]): bigint {
  const lowest = new Map<bigint, bigint>();
  const highest = new Map<bigint, bigint>();
  for (const { counter, spent } of [{ counter: 0n, spent: 0n }, ...marks]) {
    const low = lowest.get(counter);
    const high = highest.get(counter);
    if (low === undefined || spent < low) lowest.set(counter, spent);
    if (high === undefined || spent > high) highest.set(counter, spent);
  }
  let sum = 0n;
  for (const { first, last } of runsOf(unused)) {
    const before = highest.get(first - 1n);
    const after = lowest.get(last);
    if (before !== undefined && after !== undefined && after > before) sum += after - before;
  }
  return sum;
}

/** What a voucher proves: its own `spent`, and the one before it. */
export function marksOfVoucher(voucher: { counter: bigint; spent: bigint; amount: bigint }): readonly SpentMark[] {
  const { counter, spent, amount } = voucher;
  return [
    { counter, spent },
    { counter: counter - 1n, spent: spent - amount },
  ];
}

function runsOf(counters: readonly bigint[]): readonly { first: bigint; last: bigint }[] {
  const sorted = [...new Set(counters)].sort((left, right) => (left < right ? -1 : 1));
  const runs: { first: bigint; last: bigint }[] = [];
  for (const counter of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === counter - 1n) run.last = counter;
    else runs.push({ first: counter, last: counter });
  }
  return runs;
}
