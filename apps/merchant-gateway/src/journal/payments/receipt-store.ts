import { toHex } from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

/** Settlement's receipt of an upload, as it was verified. */
export interface ReceiptRecord {
  /** `TLYR`, 101 bytes. */
  readonly receipt: Uint8Array;
  readonly signature: Uint8Array;
  /** Seconds, by settlement's clock. */
  readonly receivedAt: number;
}

interface ReceiptRow {
  readonly receipt: Uint8Array;
  readonly signature: Uint8Array;
  readonly received_at: bigint;
}

/**
 * The receipts of this terminal's uploads (spec §3.10): evidence that their bytes arrived in time.
 */
export class ReceiptStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  of(domainBytes: Uint8Array, seq: number): ReceiptRecord | null {
    const row = this.statements.one<ReceiptRow>(
      "SELECT receipt, signature, received_at FROM receipt WHERE domain = ? AND seq = ?",
      ...[domainBytes, seq],
    );
    if (row === undefined) return null;
    return { receipt: plain(row.receipt), signature: plain(row.signature), receivedAt: Number(row.received_at) };
  }

  /** Keeps a receipt that the caller has verified; the first one of an upload stays. */
  keep(domainBytes: Uint8Array, seq: number, kept: ReceiptRecord, now: number): void {
    const { receipt, signature, receivedAt } = kept;
    const added = this.statements.run(
      `INSERT OR IGNORE INTO receipt (domain, seq, receipt, signature, received_at, kept_at) VALUES (?, ?, ?, ?, ?, ?)`,
      ...[domainBytes, seq, receipt, signature, receivedAt, now],
    );
    if (added === 0) return;
    const subject = `${toHex(domainBytes)}/${seq}`;
    const details = { receipt: toHex(receipt), signature: toHex(signature) };
    this.events.append({ at: now, kind: "receipt", subject, state: "held", details });
  }
}
