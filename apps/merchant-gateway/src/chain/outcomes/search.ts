import { toHex } from "@tallystick/protocol";
import { LOG_RANGE_BLOCKS } from "@tallystick/vault";
import type { Journal } from "../../journal/journal.ts";
import type { SearchedBlocks, VoucherRecord } from "../../journal/payments/voucher-record.ts";
import { DAY_SECONDS, MAX_SEARCHED_RANGES } from "../../limits.ts";
import { recordFinding } from "./look-up.ts";
import type { TransactionReader } from "./transaction-facts.ts";
import { type FactPlace, readFacts, type VaultFact } from "./vault-facts.ts";
import { counterName, findingOf, namesOf, type SoughtVoucher, soughtVoucher } from "./voucher-end.ts";

/** What a search is done with. */
export interface SearchParts {
  readonly journal: Pick<Journal, "write" | "outcomes">;
  readonly place: FactPlace;
  readonly reader: TransactionReader;
  /** Nothing is searched below it. */
  readonly startBlock: bigint;
  /** Seconds. */
  readonly now: number;
  /** Ranges read at most; the next search goes on behind them. */
  readonly ranges?: number;
}

/** A voucher with the blocks that are still to be searched for it. */
interface Searched extends SoughtVoucher {
  blocks: SearchedBlocks | null;
  /** Until its end is found; behind a rival only a compensation is looked for. */
  found: boolean;
}

/**
 * Searches final blocks, the newest first, for what used the counters of these vouchers where no
 * transaction is named for it, or for their compensation. Blocks from before a voucher was made are
 * left out, and those that were searched before. Answers how many ends were found; rejects with
 * RpcError or VaultError, and what was found until then is kept.
 */
export async function searchEnds(parts: SearchParts, vouchers: readonly VoucherRecord[]): Promise<number> {
  const { place, reader, startBlock, ranges = MAX_SEARCHED_RANGES } = parts;
  const wanted = vouchers.map((record): Searched => {
    return { ...soughtVoucher(record), blocks: record.searched, found: false };
  });
  // A clock may have been ahead by a little when a request was made.
  const oldest = Math.min(...wanted.map(({ record }) => record.requestTime)) - DAY_SECONDS;
  const { number: newest } = await reader.finalBlock();
  let found = 0;
  for (let read = 0; read < ranges; read += 1) {
    const open = wanted.filter((each) => !each.found);
    const to = highestUnsearched(open, newest);
    if (to === null || to < startBlock) break;
    const from = to - LOG_RANGE_BLOCKS + 1n > startBlock ? to - LOG_RANGE_BLOCKS + 1n : startBlock;
    found += takeIn(parts, open, { from, to }, await readFacts(place, { from, to }));
    const lowest = await place.rpc.block(from);
    if (from === startBlock || (lowest !== null && lowest.timestamp < BigInt(oldest))) {
      closeBelow(parts, wanted);
      break;
    }
  }
  return found;
}

/** The highest block that is to be searched for any of them; null where nothing is left. */
function highestUnsearched(wanted: readonly Searched[], newest: bigint): bigint | null {
  let highest: bigint | null = null;
  for (const { blocks } of wanted) {
    const next = blocks === null || blocks.to < newest ? newest : blocks.from - 1n;
    if (next >= 0n && (highest === null || next > highest)) highest = next;
  }
  return highest;
}

/** Records what one range shows, and that it was searched. */
function takeIn(
  { journal, now }: SearchParts,
  wanted: readonly Searched[],
  range: SearchedBlocks,
  facts: readonly VaultFact[],
): number {
  const byName = new Map<string, VaultFact[]>();
  for (const fact of facts) {
    for (const name of namesOf(fact)) byName.set(name, [...(byName.get(name) ?? []), fact]);
  }
  let found = 0;
  journal.write(() => {
    for (const each of wanted) {
      const { record, card, message } = each;
      const about = [counterName(card, message.counter), toHex(record.id)].flatMap((name) => byName.get(name) ?? []);
      const finding = findingOf(each, about);
      if (finding !== null) recordFinding(journal, record, finding, now);
      each.found = finding?.kind === "end";
      if (each.found) found += 1;
      each.blocks = joined(each.blocks, range);
      journal.outcomes.searched(record.id, each.blocks);
    }
  });
  return found;
}

/** Nothing of these vouchers can stand below what was searched. */
function closeBelow({ journal }: SearchParts, wanted: readonly Searched[]): void {
  journal.write(() => {
    for (const { record, blocks, found } of wanted)
      if (!found && blocks !== null) journal.outcomes.searched(record.id, { from: 0n, to: blocks.to });
  });
}

/** What was searched, with one more range; where they do not touch, the newer one begins anew. */
function joined(before: SearchedBlocks | null, { from, to }: SearchedBlocks): SearchedBlocks {
  if (before === null || from > before.to + 1n || to < before.from - 1n) return { from, to };
  return { from: from < before.from ? from : before.from, to: to > before.to ? to : before.to };
}
