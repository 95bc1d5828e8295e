import { toHex } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";
import { auditHead } from "./record-action.ts";

/** The asset in which the books count entries of the audit log: whole ones. */
const ENTRIES = "ENTRIES";

/** What persons did, counted; against what the log holds of it. */
const LOG = "audit:log";
export const RECORDED = "audit:recorded";

/** The id of the operation that books a head of the audit log (spec §6.11). */
export function auditOperation({ size, root }: { readonly size: bigint; readonly root: Uint8Array }): string {
  return `audit:${size}:${toHex(root)}`;
}

/**
 * Books by how many entries the audit log has grown, under an id that names its head: so the root of
 * the books that the next batch anchors stands for the audit log too. Without effect where it has
 * not grown.
 */
export async function bookAuditHead(trx: DatabaseTransaction, atMs: number): Promise<void> {
  const head = await auditHead(trx);
  if (head === null) return;
  const ledger = createPostgresLedger(trx);
  const amount = head.size - ((await ledger.account(LOG))?.balance.debitsPosted ?? 0n);
  if (amount <= 0n) return;
  const common = { chart: "audit", asset: ENTRIES, limit: "none" } as const;
  await ledger.openAccounts([
    { ...common, id: LOG, normalSide: "debit" },
    { ...common, id: RECORDED, normalSide: "credit" },
  ]);
  const id = auditOperation(head);
  await ledger.apply({ atMs, operations: [{ kind: "transfer", id, debit: LOG, credit: RECORDED, amount }] });
}
