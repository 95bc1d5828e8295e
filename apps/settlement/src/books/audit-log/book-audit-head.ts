import { type LogHead, rootAt } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";
import { auditHead, auditNodes } from "./record-action.ts";

/** The asset in which the books count heads of the audit log: whole ones. */
const HEADS = "HEADS";

/** Heads that the books hold, against those that batches anchored. */
const LOG = "audit:heads";
export const ANCHORED = "audit:anchored";

/** Where the books of a version before this one counted the entries of its heads. */
export const RECORDED = "audit:recorded";

/** A head of the audit log, and the batch whose root stands for it. */
export interface AnchoredHead {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly batch: string;
}

/** The id of the operation that books a head of the audit log (spec §6.11). */
export function auditOperation({ size, root, batch }: AnchoredHead): string {
  return `audit:${size}:${toHex(root)}:${batch}`;
}

/**
 * Books the audit log's head for a batch, grown or not, and seals the books with it as their last
 * entry. So whoever is shown that entry under the batch's root knows that no newer head stands under
 * it (spec §6.11). Answers the books' head for the batch.
 */
export async function sealWithAuditHead(trx: DatabaseTransaction, batch: string, atMs: number): Promise<LogHead> {
  const ledger = createPostgresLedger(trx);
  const common = { chart: "audit", asset: HEADS, limit: "none" } as const;
  await ledger.openAccounts([
    { ...common, id: LOG, normalSide: "debit" },
    { ...common, id: ANCHORED, normalSide: "credit" },
  ]);
  // Before the head is read: of two batches at once, the one that comes later in the books has the later head.
  await sql`select from ledger_accounts where id in (${LOG}, ${ANCHORED}) order by id for no key update`.execute(trx);
  const head = (await auditHead(trx)) ?? { size: 0n, root: await rootAt(0, auditNodes(trx)) };
  const id = auditOperation({ ...head, batch });
  await ledger.apply({ atMs, operations: [{ kind: "transfer", id, debit: LOG, credit: ANCHORED, amount: 1n }] });
  return await ledger.log.seal({ last: id });
}
