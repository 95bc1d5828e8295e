import { describe, expect, it } from "@jest/globals";
import { createMemoryLedger, entryText, treeHead } from "@tallystick/ledger-core";
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

/** A record of seven actions, whose first three and then five the books anchored, each after an hour more. */
async function record(): Promise<AuditExport> {
  const entries = [0, 1, 2, 63, 64, 125, 126].map((minute) => entryAt(minute));
  const ledger = createMemoryLedger();
  const common = { chart: "audit", asset: "ENTRIES", limit: "none" } as const;
  await ledger.openAccounts([
    { ...common, id: "log", normalSide: "debit" },
    { ...common, id: "recorded", normalSide: "credit" },
  ]);
  const anchors: AuditExport["anchors"] = [];
  for (const [index, { size, minute }] of [
    { size: 3, minute: 60 },
    { size: 5, minute: 120 },
  ].entries()) {
    const root = treeHead(entries.slice(0, size).map(({ entry }) => entryLeaf(entry)));
    const transfer = { kind: "transfer", debit: "log", credit: "recorded", amount: 1n } as const;
    const id = auditOperation({ size: BigInt(size), root });
    await ledger.apply({ atMs: START + minute * MINUTE, operations: [{ ...transfer, id }] });
    const head = await ledger.log.seal();
    const kept = await ledger.log.entry(index);
    if (kept === null) throw new Error("The ledger has no such entry.");
    const path = await ledger.log.proveInclusion({ index, size: head.size });
    anchors.push({
      ...{ batch: `b${index}`, tx: toHex(new Uint8Array(32).fill(index)), ledgerSize: head.size },
      ...{ ledgerRoot: toHex(head.root), index, entry: entryText(kept.record), path: path.map((hash) => toHex(hash)) },
    });
  }
  const domain = { chainId: "31337", vault: `0x${"34".repeat(20)}` };
  return auditExportSchema.parse({ form: EXPORT_FORM, domain, entries, anchors });
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
    expect(verdict).toEqual({ entries: 7, anchored: 5, withoutWords: 0, findings: [] });
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
});
