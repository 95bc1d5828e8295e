import { createHash } from "node:crypto";
import type { JournalRecord } from "@tallystick/ledger-core";
import type { Asset } from "@tallystick/money";
import { toHex, type Domain } from "@tallystick/protocol";
import { sql } from "kysely";
import { createPostgresLedger } from "../../books/ledger/postgres-ledger.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { EXPORT_FORM, type ExportLine } from "./export-form.ts";
import { EXPORT_PAGE } from "./limits.ts";

/** Whose books they are. */
export interface ExportedBooks {
  readonly domain: Domain;
  readonly asset: Asset;
  readonly nowMs: number;
}

/** How much was written. */
export interface ExportSums {
  readonly lines: number;
  readonly operations: number;
  /** Operations that are in the log. */
  readonly entries: number;
  readonly root: string | null;
  readonly sha256: string;
}

/**
 * Writes the whole ledger, a line at a time, as one moment shows it: every account and operation in
 * the order in which they can be applied again, the log with its heads, and the balances. It keeps
 * one page of rows in memory, and stops nobody.
 */
export async function exportLedger(
  db: Database,
  { domain, asset, nowMs }: ExportedBooks,
  write: (text: string) => Promise<void>,
): Promise<ExportSums> {
  const digest = createHash("sha256");
  let [lines, operations, entries, root] = [0, 0, 0, null as string | null];
  const put = async (line: ExportLine): Promise<void> => {
    const text = `${JSON.stringify(line)}\n`;
    digest.update(text);
    lines += 1;
    await write(text);
  };
  await db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (trx) => {
      await put({
        ...{ line: "ledger", form: EXPORT_FORM, at: new Date(nowMs).toISOString() },
        domain: { chainId: domain.chainId.toString(), vault: toHex(domain.vault) },
        asset: { code: asset.code, decimals: asset.decimals },
      });
      for await (const record of createPostgresLedger(trx).exportJournal()) {
        await put(historyLine(record));
        if (record.kind === "group") operations += record.group.operations.length;
      }
      for await (const line of logLines(trx)) {
        await put(line);
        if (line.line === "entry") entries += 1;
        if (line.line === "head") ({ root } = line);
      }
      for await (const line of balanceLines(trx)) await put(line);
    });
  const sha256 = toHex(digest.digest());
  await write(`${JSON.stringify({ line: "end", lines, sha256 } satisfies ExportLine)}\n`);
  return { lines: lines + 1, operations, entries, root, sha256 };
}

function historyLine(record: JournalRecord): ExportLine {
  if (record.kind === "account") return { line: "account", account: record.account };
  const { atMs, operations } = record.group;
  return {
    ...{ line: "group", atMs },
    operations: operations.map((operation) => {
      if (operation.kind === "transfer" || operation.kind === "hold")
        return { ...operation, amount: operation.amount.toString() };
      if (operation.kind !== "post") return operation;
      const { amount, ...post } = operation;
      return amount === undefined ? post : { ...post, amount: amount.toString() };
    }),
  };
}

/** Every entry with its leaf, and each head that was kept behind its last entry. */
async function* logLines(trx: DatabaseTransaction): AsyncGenerator<ExportLine> {
  for (let from = 0n; ; from += BigInt(EXPORT_PAGE)) {
    const { rows } = await sql<{ position: string; transfer: string; leaf: Uint8Array; root: Uint8Array | null }>`
      select l.position::text, l.transfer, n.hash as leaf, h.root
      from ledger_log_entries l
      join ledger_log_nodes n on n.tile_level = 0 and n.position = l.position
      left join ledger_log_heads h on h.size = l.position + 1
      where l.position >= ${from.toString()}::bigint and l.position < ${(from + BigInt(EXPORT_PAGE)).toString()}::bigint
      order by l.position`.execute(trx);
    for (const { position, transfer, leaf, root } of rows) {
      const index = Number(position);
      yield { line: "entry", index, id: transfer, leaf: toHex(leaf) };
      if (root !== null) yield { line: "head", size: index + 1, root: toHex(root) };
    }
    if (rows.length === 0) return;
  }
}

async function* balanceLines(trx: DatabaseTransaction): AsyncGenerator<ExportLine> {
  for (let after = ""; ;) {
    const { rows } = await sql<Record<"id" | "version" | "dp" | "cp" | "dh" | "ch", string>>`
      select id, version::text, debits_posted::text as dp, credits_posted::text as cp, debits_pending::text as dh,
        credits_pending::text as ch
      from ledger_accounts where id > ${after} order by ledger_accounts.id limit ${EXPORT_PAGE}::int`.execute(trx);
    for (const { id, version, dp, cp, dh, ch } of rows) {
      const balance = { debitsPosted: dp, creditsPosted: cp, debitsPending: dh, creditsPending: ch };
      yield { line: "balance", account: id, version: Number(version), ...balance };
      after = id;
    }
    if (rows.length < EXPORT_PAGE) return;
  }
}
