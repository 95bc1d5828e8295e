import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";

/**
 * What an operator has to look into.
 *
 * - `UPLOAD_FORK`, `UPLOAD_GAP`, `UPLOAD_HEAD`: a terminal's chain of uploads is broken: its
 *   journal was restored from an old copy, or an upload is missing.
 * - `CARD_CONTRADICTION`: a card's vouchers contradict each other.
 * - `CARD_OVERSPENT`: a card has signed more than its issuer ever allowed it.
 * - `FORK_UNPROVED`: the other message of a fork stands neither in an upload nor in calldata.
 * - `PAID_TWICE`: the vault and the issuer have paid the same voucher.
 * - `FINALITY_BROKEN`: the chain dropped a final block.
 * - `EVENTS_MISSED`: the node had not shown events that an own transaction's receipt holds.
 */
export type AnomalyKind =
  | "UPLOAD_FORK"
  | "UPLOAD_GAP"
  | "UPLOAD_HEAD"
  | "CARD_CONTRADICTION"
  | "CARD_OVERSPENT"
  | "FORK_UNPROVED"
  | "PAID_TWICE"
  | "FINALITY_BROKEN"
  | "EVENTS_MISSED";

export interface Anomaly {
  readonly kind: AnomalyKind;
  readonly detail: string;
  readonly foundAt: Date;
  readonly payee?: Uint8Array;
  readonly terminalId?: Uint8Array;
  /** Hash of the upload that showed it. */
  readonly upload?: Uint8Array;
  readonly card?: Uint8Array;
  /** Voucher ids of the card's messages that show it. */
  readonly messages?: readonly Uint8Array[];
}

/** Records an anomaly once, however often it is found. */
export async function recordAnomaly(db: Database | DatabaseTransaction, anomaly: Anomaly): Promise<void> {
  const { kind, detail, foundAt, payee = null, terminalId = null, upload = null, card = null } = anomaly;
  const messages = anomaly.messages === undefined ? null : [...anomaly.messages];
  await db
    .insertInto("anomalies")
    .values({ kind, detail, payee, terminal_id: terminalId, upload, card, found_at: foundAt, messages })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
