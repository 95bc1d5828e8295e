import { LedgerError } from "../model/errors.ts";
import { LOG_TILE_HEIGHT } from "../model/limits.ts";
import { consistencyRanges, inclusionRanges, subtreesOf, type LeafRange, type Subtree } from "./leaf-ranges.ts";
import type { ReadNodes } from "./log-frontier.ts";
import { foldSubtrees, treeHead } from "./merkle-hash.ts";

/** Head of the first `size` entries. */
export async function rootAt(size: number, read: ReadNodes): Promise<Uint8Array> {
  return headOf({ from: 0, to: size }, read);
}

/** Audit path of an entry, from the leaf upwards (RFC 6962 §2.1.1). */
export async function inclusionPath(
  { index, size }: { readonly index: number; readonly size: number },
  read: ReadNodes,
): Promise<readonly Uint8Array[]> {
  return headsOf(inclusionRanges(index, size), read);
}

/** Proof that the log of `to` entries begins with the one of `from` (RFC 6962 §2.1.2). */
export async function consistencyPath(
  { from, to }: { readonly from: number; readonly to: number },
  read: ReadNodes,
): Promise<readonly Uint8Array[]> {
  return headsOf(consistencyRanges(from, to), read);
}

/** Refuses numbers between which no proof exists: LedgerError BAD_LOG_RANGE. */
export function assertLogRange(field: string, value: number, { from, to }: LeafRange): void {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return;
  throw new LedgerError("BAD_LOG_RANGE", `${field} must be a whole number from ${from} to ${to}; it was ${value}.`);
}

async function headsOf(ranges: readonly LeafRange[], read: ReadNodes): Promise<readonly Uint8Array[]> {
  const heads: Uint8Array[] = [];
  for (const range of ranges) heads.push(await headOf(range, read));
  return heads;
}

async function headOf(range: LeafRange, read: ReadNodes): Promise<Uint8Array> {
  const hashes: Uint8Array[] = [];
  for (const subtree of subtreesOf(range)) hashes.push(await hashOf(subtree, read));
  return foldSubtrees(hashes);
}

/**
 * The nodes of every eighth level are kept; a subtree between them is made of at most 128 of those.
 */
async function hashOf({ level, position }: Subtree, read: ReadNodes): Promise<Uint8Array> {
  const count = 2 ** (level % LOG_TILE_HEIGHT);
  return treeHead(await read(Math.floor(level / LOG_TILE_HEIGHT), position * count, count));
}
