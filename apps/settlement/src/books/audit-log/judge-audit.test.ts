import { describe, expect, it } from "@jest/globals";
import { createMemoryLedger, entryText, type LedgerEngine, treeHead } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { auditExportSchema, type AuditExport, EXPORT_FORM } from "./audit-export.ts";
import { entryLeaf, sealAction } from "./audit-entry.ts";
import { auditOperation } from "./book-audit-head.ts";
import { judgeAudit } from "./judge-audit.ts";

const START = 1_795_000_000_000;
const MINUTE = 60_000;

/** One entry a minute of somebody's payout, with the words beside it. */
function entryAt(minute: number, who = "ada") {
  const salt = new Uint8Array(32).fill(minute);
  const { entry, words } = sealAction(
    {
      ...{ action: "payout", actor: { name: who, role: "finance" }, subject: `0x${"12".repeat(20)}` },
      ...{ details: { reason: `because of ${minute}` }, at: new Date(START + minute * MINUTE) },
    },
    salt,
  );
  return { entry, words, salt: toHex(salt) };
}

/** A batch, and how many actions its books' head of the record stands for. */
interface TestBatch {
  readonly size: number;
  readonly minute: number;
  /** Named as the books of earlier versions did. */
  readonly isOld?: boolean;
  /** Another operation behind the head. */
  readonly isFollowed?: boolean;
}

const BATCHES: readonly TestBatch[] = [
  { size: 3, minute: 60 },
  { size: 5, minute: 120 },
  { size: 5, minute: 125 },
];

/** A record of seven actions, and the proof of every head under every ledger root from its own batch on. */
async function books(batches: readonly TestBatch[]) {
  const entries = [0, 1, 2, 63, 64, 125, 126].map((minute) => entryAt(minute));
  const ledger = createMemoryLedger();
  const common = { chart: "audit", asset: "HEADS", limit: "none" } as const;
  await ledger.openAccounts([
    { ...common, id: "log", normalSide: "debit" },
    { ...common, id: "heads", normalSide: "credit" },
  ]);
  const book = (id: string, minute: number) =>
    ledger.apply({
      atMs: START + minute * MINUTE,
      operations: [{ kind: "transfer", debit: "log", credit: "heads", amount: 1n, id }],
    });
  const ids: string[] = [];
  const proofs: AuditExport["anchors"][] = [];
  for (const [number, { size, minute, isOld = false, isFollowed = false }] of batches.entries()) {
    await book(`hold:${number}`, minute);
    const root = treeHead(entries.slice(0, size).map(({ entry }) => entryLeaf(entry)));
    const id = auditOperation({ size: BigInt(size), root, batch: `00000000-0000-4000-8000-00000000000${number}` });
    ids.push(isOld ? id.slice(0, id.lastIndexOf(":")) : id);
    await book(ids.at(-1) ?? "", minute);
    if (isFollowed) await book(`paid:${number}`, minute);
    proofs.push(await proofsUnder(ledger, ids));
  }
  const domain = { chainId: "31337", vault: `0x${"34".repeat(20)}` };
  const exported = (anchors: AuditExport["anchors"]) =>
    auditExportSchema.parse({ form: EXPORT_FORM, domain, entries, anchors });
  return { exported, proofs, roots: proofs.map((all) => all[0]?.ledgerRoot ?? "") };
}

/** The proof of each of these operations under the ledger's root of now. */
async function proofsUnder({ log }: LedgerEngine, ids: readonly string[]): Promise<AuditExport["anchors"]> {
  const head = await log.seal();
  const tx = toHex(head.root);
  return await Promise.all(
    ids.map(async (id, batch) => {
      const kept = await log.entry(id);
      if (kept === null) throw new Error("The ledger has no such entry.");
      const path = await log.proveInclusion({ index: kept.index, size: head.size });
      const under = { batch: `b${batch}`, tx, ledgerSize: head.size, ledgerRoot: toHex(head.root), index: kept.index };
      return { ...under, entry: entryText(kept.record), path: path.map((hash) => toHex(hash)) };
    }),
  );
}

/** The record with the last proof under each batch's root, the first two of which have other heads. */
async function record(): Promise<AuditExport> {
  const { exported, proofs } = await books(BATCHES.slice(0, 2));
  return exported(proofs.flatMap((all) => all.slice(-1)));
}

const codes = async (audit: AuditExport, roots: readonly string[] = []) =>
  (await judgeAudit(audit, roots)).findings.map(({ code, index }) => [code, index]);

/** The record with other entries. */
async function withEntries(change: (entries: AuditExport["entries"]) => AuditExport["entries"]): Promise<AuditExport> {
  const audit = await record();
  return { ...audit, entries: change(audit.entries) };
}

describe("the record of what people did", () => {
  it("is proved unchanged, up to the last anchor, by roots from the chain", async () => {
    const audit = await record();
    const verdict = await judgeAudit(audit, [audit.anchors[1]?.ledgerRoot ?? ""]);
    expect(verdict).toEqual({
      ...{ state: "unchanged", entries: 7, anchored: 5, proved: 5, withoutWords: 0, findings: [] },
    });
    expect(await judgeAudit(audit, [])).toMatchObject({ state: "claims", anchored: 5, proved: 0 });
  });

  it("is proved so without the words that were erased", async () => {
    const erased = await withEntries((entries) => entries.map(({ entry }) => ({ entry, words: null, salt: null })));
    expect(await judgeAudit(erased, [])).toMatchObject({ withoutWords: 7, findings: [] });
  });

  it.each<[string, (entries: AuditExport["entries"]) => AuditExport["entries"], unknown]>([
    ["an entry is missing", (all) => all.toSpliced(1, 1), ["LOG_CHANGED", 0]],
    ["the last anchored entry and all behind it are missing", (all) => all.slice(0, 4), ["ENTRIES_MISSING", 1]],
    ["an entry is another one", (all) => all.with(4, entryAt(65)), ["LOG_CHANGED", 1]],
    [
      "two entries are the other way round",
      (all) => [all[1], all[0], ...all.slice(2)].flatMap((each) => each ?? []),
      ["LOG_CHANGED", 0],
    ],
    ["an entry was put among them", (all) => all.toSpliced(4, 0, entryAt(63, "eve")), ["LOG_CHANGED", 1]],
    ["an entry was put behind them with an older time", (all) => [...all, entryAt(30)], ["ADDED_LATER", 7]],
    [
      "another person did it",
      (all) => all.with(6, { ...entryAt(126, "eve"), entry: all[6]?.entry ?? "" }),
      ["WORDS_CHANGED", 6],
    ],
    ["the words have no salt", (all) => all.with(2, { ...entryAt(2), salt: null }), ["WORDS_CHANGED", 2]],
    ["an entry is no entry", (all) => [...all, { entry: '["x"]', words: null, salt: null }], ["ENTRY_MALFORMED", 7]],
  ])("is found changed where %s", async (_, change, found) => {
    expect(await codes(await withEntries(change))).toEqual([found]);
  });

  it("is found changed where its anchors are not the books'", async () => {
    const audit = await record();
    const [first, second] = audit.anchors;
    if (first === undefined || second === undefined) throw new Error("The record has two anchors.");
    const anchored = (anchor: typeof first) => ({ ...audit, anchors: [first, anchor] });
    expect(await codes(anchored({ ...second, ledgerRoot: first.ledgerRoot }))).toEqual([["ANCHOR_NOT_PROVED", 1]]);
    expect(await codes(anchored({ ...second, entry: first.entry }))).toEqual([["ANCHOR_NOT_PROVED", 1]]);
    expect(await codes(anchored({ ...second, entry: '["tallystick.entry/1","hold:0x00"]' }))).toEqual([
      ["ANCHOR_MALFORMED", 1],
    ]);
    expect(await codes(audit, [`0x${"ab".repeat(32)}`])).toEqual([["ROOT_UNKNOWN", null]]);
  });

  it("is proved by the newest root also where it has not grown, and by several at once", async () => {
    const { exported, proofs, roots } = await books(BATCHES);
    const [, , newest] = proofs;
    const all = exported(proofs.flatMap((each) => each.slice(-1)));
    expect(await judgeAudit(exported(newest?.slice(-1) ?? []), roots.slice(-1))).toMatchObject({
      ...{ state: "unchanged", proved: 5 },
    });
    expect(await judgeAudit(all, [...roots, ...roots])).toMatchObject({ state: "unchanged", proved: 5 });
    expect(await judgeAudit({ ...all, anchors: [...all.anchors, ...all.anchors].toReversed() }, roots)).toMatchObject({
      ...{ state: "unchanged", findings: [] },
    });
    expect(await judgeAudit(all, roots.slice(0, 1))).toMatchObject({ state: "unchanged", anchored: 5, proved: 3 });
    expect(await codes({ ...all, anchors: all.anchors.slice(0, 2) }, roots)).toEqual([["ROOT_UNKNOWN", null]]);
  });

  it.each<[string, (entries: AuditExport["entries"]) => AuditExport["entries"]]>([
    ["left out", (entries) => entries.slice(0, 3)],
    ["forged", (entries) => entries.with(3, entryAt(63, "eve")).with(4, entryAt(64, "eve"))],
    ["there", (entries) => entries],
  ])("is not proved by an older head under the newest root, where later entries are %s", async (_, change) => {
    const { exported, proofs, roots } = await books(BATCHES);
    const [older, sameAsNewest, newest] = proofs[2] ?? [];
    if (older === undefined || sameAsNewest === undefined || newest === undefined) throw new Error("No such proofs.");
    const judged = (anchors: AuditExport["anchors"]) =>
      judgeAudit({ ...exported(anchors), entries: change(exported([]).entries) }, roots.slice(-1));
    const found = { state: "unproved", proved: 3, findings: [{ code: "NEWER_HEAD_POSSIBLE", index: 0 }] };
    expect(await judged([older])).toMatchObject(found);
    expect(await judged([older, older])).toMatchObject(found);
    expect(await judged([proofs[0]?.[0] ?? older, older])).toMatchObject({
      findings: [{ code: "NEWER_HEAD_POSSIBLE", index: 1 }],
    });
    // An export says by itself how many entries the books have, and where an entry stands.
    for (const ledgerSize of [older.index + 1, newest.ledgerSize + 1, 1, 0])
      for (const index of [older.index, ledgerSize - 1, newest.index])
        expect((await judged([{ ...older, ledgerSize, index }])).state).not.toBe("unchanged");
  });

  it("is proved by heads of earlier books where they end them, and said to be unproved where not", async () => {
    const [first = BATCHES[0], second = BATCHES[1]] = BATCHES.slice(0, 2).map((each) => ({ ...each, isOld: true }));
    if (first === undefined || second === undefined) throw new Error("There are two batches.");
    const last = await books([first, second]);
    expect(await judgeAudit(last.exported(last.proofs[1] ?? []), last.roots.slice(-1))).toMatchObject({
      ...{ state: "unchanged", proved: 5 },
    });
    const followed = await books([first, { ...second, isFollowed: true }]);
    const judged = await judgeAudit(followed.exported(followed.proofs[1] ?? []), followed.roots.slice(-1));
    expect(judged).toMatchObject({ state: "unproved", proved: 5, findings: [{ code: "NEWER_HEAD_POSSIBLE" }] });
  });

  it("may be empty under a root, which then proves that nobody had done anything", async () => {
    const { exported, proofs, roots } = await books([{ size: 0, minute: 0 }]);
    const none = { ...exported(proofs[0] ?? []), entries: [] };
    expect(await judgeAudit(none, roots)).toMatchObject({ state: "unchanged", entries: 0, findings: [] });
    expect(await judgeAudit({ ...none, anchors: [] }, roots)).toMatchObject({ state: "unproved" });
  });
});
