import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";
import { tapOf, type TapRecord, type TapRow } from "./tap-record.ts";

/**
 * Taps for which the terminal says that it gave nothing; the reversal is signed when it is packed
 * into an upload (spec §6.2).
 */
export class ReversalStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /**
   * Reverses a tap, in the transaction that closes it. A voucher of that tap that is here already
   * does not count as sold any more; one that was packed before stays open until settlement reports
   * it as reversed (spec §5.4).
   */
  add(tap: Pick<TapRecord, "id" | "domainBytes">, now: number): void {
    this.statements.run(
      "INSERT OR IGNORE INTO cancellation (tap_id, domain, delivery) VALUES (?, ?, 'unsent')",
      ...[tap.id, tap.domainBytes],
    );
    this.statements.run(
      "UPDATE voucher SET cancelled = 1, late = (upload_seq IS NOT NULL) WHERE tap_id = ? AND cancelled = 0",
      tap.id,
    );
    this.events.append({ at: now, kind: "cancellation", subject: tap.id, state: "unsent", details: {} });
  }

  has(tapId: string): boolean {
    return this.statements.one("SELECT 1 FROM cancellation WHERE tap_id = ?", tapId) !== undefined;
  }

  /** The tap itself where its reversal is in no upload yet. */
  unsentOf(tapId: string): TapRecord | null {
    const row = this.statements.one<TapRow>(
      "SELECT tap.* FROM cancellation JOIN tap ON tap.id = tap_id WHERE tap_id = ? AND delivery = 'unsent'",
      tapId,
    );
    return row === undefined ? null : tapOf(row);
  }

  /**
   * Taps whose reversal is in no upload yet, oldest first; those whose voucher is not either are
   * left out, because both go together (spec §5.4).
   */
  toPack(domainBytes: Uint8Array, limit: number): readonly TapRecord[] {
    return this.statements
      .many<TapRow>(
        `SELECT tap.* FROM cancellation JOIN tap ON tap.id = tap_id
         WHERE cancellation.domain = ? AND delivery = 'unsent'
           AND NOT EXISTS (SELECT 1 FROM voucher WHERE voucher.tap_id = cancellation.tap_id AND voucher.delivery = 'unsent')
         ORDER BY cancellation.rowid LIMIT ?`,
        ...[domainBytes, limit],
      )
      .map(tapOf);
  }

  /** Marks the reversals of an upload that is being packed. */
  pack(tapIds: readonly string[], uploadSeq: number): void {
    for (const id of tapIds)
      this.statements.run(
        "UPDATE cancellation SET delivery = 'packed', upload_seq = ? WHERE tap_id = ? AND delivery = 'unsent'",
        ...[uploadSeq, id],
      );
  }

  /** Settlement has answered the upload that carried them. */
  taken(domainBytes: Uint8Array, uploadSeq: number): void {
    this.statements.run(
      "UPDATE cancellation SET delivery = 'taken' WHERE domain = ? AND upload_seq = ? AND delivery = 'packed'",
      ...[domainBytes, uploadSeq],
    );
  }
}
