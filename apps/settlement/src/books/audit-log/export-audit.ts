import { entryText } from "@tallystick/ledger-core";
import { toHex, type Domain } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";
import { type AuditAnchor, type AuditExport, EXPORT_FORM } from "./audit-export.ts";
import { ANCHORED, RECORDED } from "./book-audit-head.ts";
import { MOST_EXPORTED } from "./limits.ts";

interface AnchorRow {
  readonly position: string;
  readonly batch: string;
  readonly ledger_size: string;
  readonly ledger_root: Uint8Array;
  readonly transaction_hash: Uint8Array | null;
}

/**
 * The whole audit log with the words that were not erased, and proofs that lead from its heads to
 * roots of final batches: of each head the first batch whose books end in it, the newest batch, and
 * those with the asked ledger roots. Everything that `verify audit` needs, without a network.
 */
export async function exportAudit(
  db: Database,
  domain: Domain,
  roots: readonly Uint8Array[] = [],
): Promise<AuditExport> {
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
    anchors: await readAnchors(db, roots),
  };
}

async function readAnchors(db: Database, roots: readonly Uint8Array[]): Promise<AuditAnchor[]> {
  const { log } = createPostgresLedger(db);
  const { rows } = await sql<AnchorRow>`
    with closing as (
      select l.position, b.id, b.ledger_size, b.ledger_root, b.transaction_hash,
        row_number() over (partition by split_part(t.id, ':', 2) order by b.ledger_size) as of_head,
        row_number() over (order by b.ledger_size desc) as of_all
      from batches b join ledger_log_entries l on l.position = b.ledger_size - 1
      join ledger_transfers t on t.id = l.transfer
      where b.state = 'final' and t.credit in (${ANCHORED}, ${RECORDED})),
    anchors as (
      select position, id, ledger_size, ledger_root, transaction_hash from closing
      where of_head = 1 or of_all = 1 or ledger_root = any(${[...roots]}::bytea[])
      union
      -- Heads that were booked where the log had grown, and batches after them without one.
      select l.position, b.id, b.ledger_size, b.ledger_root, b.transaction_hash
      from ledger_transfers t join ledger_log_entries l on l.transfer = t.id
      cross join lateral (select x.* from batches x where x.state = 'final' and x.ledger_size > l.position
        order by x.ledger_size limit 1) b
      where t.credit = ${RECORDED})
    select position::text, id::text as batch, ledger_size::text, ledger_root, transaction_hash
    from anchors order by anchors.position, anchors.ledger_size limit ${MOST_EXPORTED}`.execute(db);
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
