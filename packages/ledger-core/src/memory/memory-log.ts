import { entryBytes } from "../log/entry-bytes.ts";
import type { LedgerLog, LogEntry, LogHead, SealRange } from "../log/ledger-log.ts";
import { LogFrontier, type ReadNodes } from "../log/log-frontier.ts";
import { leafHash } from "../log/merkle-hash.ts";
import { assertLogRange, consistencyPath, inclusionPath, rootAt } from "../log/prove.ts";
import { upTo } from "../log/seal-range.ts";
import type { TransferRecord } from "../model/record.ts";

/** The log of a ledger in memory; `records` grows with the history. */
export function createMemoryLog(records: readonly TransferRecord[]): LedgerLog {
  const nodes: Uint8Array[][] = [];
  const places = new Map<string, number>();
  let head: LogHead | null = null;
  const read: ReadNodes = async (tileLevel, from, count) => (nodes[tileLevel] ?? []).slice(from, from + count);
  const size = (): number => head?.size ?? 0;
  const seal = async ({ last }: SealRange = {}): Promise<LogHead> => {
    const from = size();
    const frontier = await LogFrontier.read(from, read);
    const waiting = records.slice(from);
    const added = last === undefined ? waiting : upTo(last, waiting);
    for (const { tileLevel, hash } of frontier.append(added.map((record) => leafHash(entryBytes(record)))))
      (nodes[tileLevel] ??= []).push(hash);
    added.forEach(({ id }, index) => places.set(id, from + index));
    head = { size: frontier.size, root: frontier.root() };
    return head;
  };
  return {
    seal,
    head: async () => head ?? { size: 0, root: await rootAt(0, read) },
    rootAt: async (at) => {
      assertLogRange("size", at, { from: 0, to: size() });
      return rootAt(at, read);
    },
    entry: async (place) => {
      const index = typeof place === "string" ? (places.get(place) ?? -1) : place;
      return entryAt(index);
    },
    proveInclusion: async (claim) => {
      assertLogRange("size", claim.size, { from: 1, to: size() });
      assertLogRange("index", claim.index, { from: 0, to: claim.size - 1 });
      return inclusionPath(claim, read);
    },
    proveConsistency: async (claim) => {
      assertLogRange("to", claim.to, { from: 0, to: size() });
      assertLogRange("from", claim.from, { from: 0, to: claim.to });
      return consistencyPath(claim, read);
    },
  };

  function entryAt(index: number): LogEntry | null {
    const [record, leaf] = [records[index], nodes[0]?.[index]];
    return record === undefined || leaf === undefined ? null : { index, record, leaf };
  }
}
