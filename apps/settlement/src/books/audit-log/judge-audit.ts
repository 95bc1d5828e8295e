import { leafHash, LogFrontier, verifyInclusion } from "@tallystick/ledger-core";
import { fromHex, toHex } from "@tallystick/protocol";
import type { AuditAnchor, AuditExport } from "./audit-export.ts";
import { entryLeaf, readEntry, wordsHash } from "./audit-entry.ts";
import { LATE_MS } from "./limits.ts";

/** What speaks against a record. */
export interface AuditFinding {
  readonly code:
    | "ENTRY_MALFORMED"
    | "WORDS_CHANGED"
    | "ANCHOR_MALFORMED"
    | "ANCHOR_NOT_PROVED"
    | "ENTRIES_MISSING"
    | "LOG_CHANGED"
    | "ADDED_LATER"
    | "ROOT_UNKNOWN"
    | "NEWER_HEAD_POSSIBLE";
  /** The entry or anchor that shows it, from 0; null where it is none. */
  readonly index: number | null;
  readonly message: string;
}

/**
 * What an export proves: `unchanged` by the given roots, as it `claims` by its own alone, `unproved`
 * where a given root does not reach it in full, or `changed`.
 */
export type AuditState = "unchanged" | "claims" | "unproved" | "changed";

export interface AuditVerdict {
  readonly state: AuditState;
  readonly entries: number;
  /** Entries that a batch's root stands for, by the export; later ones are held by nobody yet. */
  readonly anchored: number;
  /** Entries that one of the given roots stands for. */
  readonly proved: number;
  /** Entries whose words were erased, or that are older than words. */
  readonly withoutWords: number;
  readonly findings: readonly AuditFinding[];
}

interface ReadAnchor {
  readonly index: number;
  readonly size: number;
  readonly root: string;
  readonly atMs: number;
  readonly ledgerRoot: string;
  /**
   * Whether its entry is the last one under the ledger root. An inclusion proof of a last entry has
   * siblings on its left alone: no size that an export makes up lets another entry pass for it.
   */
  readonly isLast: boolean;
}

const BOOKED_HEAD =
  /^\["tallystick\.entry\/1","(audit:(?:0|[1-9]\d{0,9}):0x[0-9a-f]{64}(?::[0-9a-f-]{36})?)","transfer",.*,(\d{1,16})\]$/;

/** Findings that say that something is not proved, and not that something was changed. */
const UNPROVED: readonly string[] = ["ROOT_UNKNOWN", "NEWER_HEAD_POSSIBLE"];

/**
 * Judges an export by itself and by ledger roots that its reader took from the chain: whether any
 * entry was changed, removed, reordered or put in later (spec §6.11). Each given root must end in a
 * head of the log: below an older head, entries that came later could be left out or be others. Words
 * that were erased are no finding; words that are there must be the ones that were hashed.
 */
export async function judgeAudit(audit: AuditExport, roots: readonly string[]): Promise<AuditVerdict> {
  const findings: AuditFinding[] = [];
  audit.entries.forEach((_, index) => findings.push(...entryFindings(audit, index)));
  const anchors = audit.anchors.flatMap((anchor, index) => {
    const read = readAnchor(anchor, index);
    if ("size" in read) return [read];
    findings.push(read);
    return [];
  });
  const prefixes = await prefixRoots(audit);
  const changed = anchors.find(({ size, root }) => prefixes[size] !== root);
  // Where entries were moved, those behind them stand at places of others.
  if (changed === undefined) findings.push(...laterFindings(audit, anchors));
  else findings.push(changeFinding(changed, anchors, audit.entries.length));
  findings.push(...roots.flatMap((root) => rootFindings(root, anchors)));
  const reach = (all: readonly ReadAnchor[]) => Math.max(0, ...all.map(({ size }) => size));
  return {
    ...{ state: stateOf(findings, roots), entries: audit.entries.length, findings },
    ...{ anchored: reach(anchors), proved: reach(anchors.filter(({ ledgerRoot }) => roots.includes(ledgerRoot))) },
    withoutWords: audit.entries.filter(({ words }) => words === null).length,
  };
}

function stateOf(findings: readonly AuditFinding[], roots: readonly string[]): AuditState {
  if (findings.some(({ code }) => !UNPROVED.includes(code))) return "changed";
  if (findings.length > 0) return "unproved";
  return roots.length === 0 ? "claims" : "unchanged";
}

/** What keeps a given root from proving that no head of the log is newer under it than the shown one. */
function rootFindings(root: string, anchors: readonly ReadAnchor[]): readonly AuditFinding[] {
  const under = anchors.filter(({ ledgerRoot }) => ledgerRoot === root);
  const [shown] = under;
  if (shown === undefined)
    return [finding("ROOT_UNKNOWN", null, `No proved anchor of this export has the ledger root ${root}.`)];
  if (under.some(({ isLast }) => isLast)) return [];
  const message = `Behind its entry there are others under the ledger root ${root}: a newer head may be among them.`;
  return [finding("NEWER_HEAD_POSSIBLE", shown.index, message)];
}

function entryFindings({ entries }: AuditExport, index: number): readonly AuditFinding[] {
  const { entry = "", words = null, salt = null } = entries[index] ?? {};
  const read = readEntry(entry);
  if (read === null) return [finding("ENTRY_MALFORMED", index, "This is no entry of an audit log.")];
  if (words === null && salt === null) return [];
  const isHashed = words !== null && salt !== null && toHex(wordsHash(fromHex(salt, 32), words)) === read.wordsHash;
  return isHashed ? [] : [finding("WORDS_CHANGED", index, "Who did it and why are not the words that were hashed.")];
}

function readAnchor(anchor: AuditAnchor, index: number): ReadAnchor | AuditFinding {
  const { size, root, atMs } = bookedHead(anchor.entry);
  if (size === null || root === null || atMs === null)
    return finding("ANCHOR_MALFORMED", index, "Its entry of the books names no head of an audit log.");
  const isProved = verifyInclusion({
    leaf: leafHash(new TextEncoder().encode(anchor.entry)),
    ...{ index: anchor.index, size: anchor.ledgerSize, root: fromHex(anchor.ledgerRoot, 32) },
    path: anchor.path.map((hash) => fromHex(hash, 32)),
  });
  if (!isProved) return finding("ANCHOR_NOT_PROVED", index, "The books with this ledger root do not hold its entry.");
  return { index, size, root, atMs, ledgerRoot: anchor.ledgerRoot, isLast: anchor.index === anchor.ledgerSize - 1 };
}

/**
 * The head in an entry of the books, `["tallystick.entry/1","audit:SIZE:ROOT:BATCH",…,time]`; the
 * books of earlier versions named no batch.
 */
function bookedHead(text: string): { size: number | null; root: string | null; atMs: number | null } {
  const [, id = "", atMs = ""] = BOOKED_HEAD.exec(text) ?? [];
  const [, size, root] = id.split(":");
  if (size === undefined || root === undefined) return { size: null, root: null, atMs: null };
  return { size: Number(size), root, atMs: Number(atMs) };
}

/** The root of the first so many entries, by their number. */
async function prefixRoots({ entries }: AuditExport): Promise<readonly string[]> {
  const frontier = await LogFrontier.read(0, () => Promise.reject(new Error("An empty log has no nodes.")));
  return [
    toHex(frontier.root()),
    ...entries.map(({ entry }) => {
      frontier.append([entryLeaf(entry)]);
      return toHex(frontier.root());
    }),
  ];
}

/** The first anchor that the entries do not lead to, and between which two anchors they were touched. */
function changeFinding(anchor: ReadAnchor, anchors: readonly ReadAnchor[], length: number): AuditFinding {
  const { size, index } = anchor;
  if (size > length)
    return finding("ENTRIES_MISSING", index, `The books held ${size} entries, and there are ${length}.`);
  const from = Math.max(0, ...anchors.slice(0, anchors.indexOf(anchor)).map((earlier) => earlier.size));
  const message = `Among entries ${from} to ${size - 1} one was changed, removed, moved or put in.`;
  return finding("LOG_CHANGED", index, message);
}

/** Entries behind a head that say that they are from long before it. */
function laterFindings({ entries }: AuditExport, anchors: readonly ReadAnchor[]): readonly AuditFinding[] {
  const sorted = anchors.toSorted((one, other) => one.size - other.size);
  return entries.flatMap(({ entry }, index) => {
    const newest = sorted.findLast(({ size }) => size <= index);
    const atMs = readEntry(entry)?.atMs ?? Number.POSITIVE_INFINITY;
    if (newest === undefined || atMs >= newest.atMs - LATE_MS) return [];
    const message = "It says a time at which the log had not come to it yet: it was put in later.";
    return [finding("ADDED_LATER", index, message)];
  });
}

function finding(code: AuditFinding["code"], index: number | null, message: string): AuditFinding {
  return { code, index, message };
}
