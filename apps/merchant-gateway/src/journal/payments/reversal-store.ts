import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";
import { tapOf, type TapRecord, type TapRow } from "./tap-record.ts";

/** Taps for which the till says that it gave nothing; the word is signed when it is packed into an upload (spec §6.2). */
export class ReversalStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Gives the word, in the transaction that closes the tap. A voucher of that tap, kept already, does not count as sold any more. */
  give(tap: Pick<TapRecord, "id" | "domainBytes">, now: number): void {
    this.statements
      .prepare("INSERT OR IGNORE INTO cancellation (tap_id, domain, delivery) VALUES (?, ?, 'unsent')")
      .run(tap.id, tap.domainBytes);
    this.statements.prepare("UPDATE voucher SET cancelled = 1 WHERE tap_id = ?").run(tap.id);
    this.events.append({ at: now, kind: "cancellation", subject: tap.id, state: "unsent", body: "{}" });
  }

  has(tapId: string): boolean {
    return this.statements.prepare("SELECT 1 FROM cancellation WHERE tap_id = ?").get(tapId) !== undefined;
  }

  /** Taps whose cancellation is in no upload yet, oldest first. */
  toPack(domainBytes: Uint8Array, limit: number): readonly TapRecord[] {
    return this.statements
      .prepare<[Uint8Array, number], TapRow>(
        `SELECT tap.* FROM cancellation JOIN tap ON tap.id = tap_id
         WHERE cancellation.domain = ? AND delivery = 'unsent' ORDER BY cancellation.rowid LIMIT ?`,
      )
      .all(domainBytes, limit)
      .map(tapOf);
  }

  /** Marks the cancellations of an upload that is being packed. */
  pack(tapIds: readonly string[], uploadSeq: number): void {
    for (const id of tapIds) {
      this.statements
        .prepare("UPDATE cancellation SET delivery = 'packed', upload_seq = ? WHERE tap_id = ? AND delivery = 'unsent'")
        .run(uploadSeq, id);
    }
  }

  /** Settlement has answered the upload that carried them. */
  taken(domainBytes: Uint8Array, uploadSeq: number): void {
    this.statements
      .prepare("UPDATE cancellation SET delivery = 'taken' WHERE domain = ? AND upload_seq = ? AND delivery = 'packed'")
      .run(domainBytes, uploadSeq);
  }
}
