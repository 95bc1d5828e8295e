import { entryText } from "@tallystick/ledger-core";
import { toHex, type Domain } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";
import { type AuditAnchor, type AuditExport, EXPORT_FORM } from "./audit-export.ts";
import { RECORDED } from "./book-audit-head.ts";
import { MOST_EXPORTED } from "./limits.ts";

interface AnchorRow {
  readonly position: string;
  readonly batch: string;
  readonly ledger_size: string;
  readonly ledger_root: Uint8Array;
  readonly transaction_hash: Uint8Array | null;
}

/**
 * The whole audit log with the words that were not erased, and for each of its heads that the books
 * hold the first final batch that anchors it: everything that `verify audit` needs, without a
 * network.
 */
export async function exportAudit(db: Database, domain: Domain): Promise<AuditExport> {
  const rows = await db
    .selectFrom("audit_entries")
    .leftJoin("audit_words", "audit_words.position", "audit_entries.position")
    .select(["entry", "words", "salt"])
    .orderBy("audit_entries.position")
    .limit(MOST_EXPORTED)
    .execute();
  return {
    form: EXPORT_FORM,
    domain: { chainId: domain.chainId.toString(), vault: toHex(domain.vault) },
    entries: rows.map(({ entry, words, salt }) => ({ entry, words, salt: salt === null ? null : toHex(salt) })),
    anchors: await readAnchors(db),
  };
}

async function readAnchors(db: Database): Promise<AuditAnchor[]> {
  const { log } = createPostgresLedger(db);
  const { rows } = await sql<AnchorRow>`
    select l.position::text, b.id::text as batch, b.ledger_size::text, b.ledger_root, b.transaction_hash
    from ledger_transfers t join ledger_log_entries l on l.transfer = t.id
    cross join lateral (select x.* from batches x where x.state = 'final' and x.ledger_size > l.position
      order by x.ledger_size limit 1) b
    where t.credit = ${RECORDED} order by l.position limit ${MOST_EXPORTED}`.execute(db);
  const anchors: AuditAnchor[] = [];
  for (const row of rows) {
    const [index, size] = [Number(row.position), Number(row.ledger_size)];
    const entry = await log.entry(index);
    if (entry === null) continue;
    const path = await log.proveInclusion({ index, size });
    anchors.push({
      ...{ batch: row.batch, tx: row.transaction_hash === null ? null : toHex(row.transaction_hash) },
      ...{ ledgerSize: size, ledgerRoot: toHex(row.ledger_root), index, entry: entryText(entry.record) },
      path: path.map((hash) => toHex(hash)),
    });
  }
  return anchors;
}
