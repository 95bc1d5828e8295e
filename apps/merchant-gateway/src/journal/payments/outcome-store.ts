import { toHex } from "@tallystick/protocol";
import { NOT_FINAL_PAGE } from "../../limits.ts";
import type { EventLog } from "../events/event-log.ts";
import type { SqlValue, Statements } from "../events/statements.ts";
import {
  type ChainOutcome,
  type SearchedBlocks,
  voucherOf,
  type VoucherRecord,
  type VoucherRow,
} from "./voucher-record.ts";

/** Request times, seconds, up to which a voucher is due to be claimed (spec §5.5). */
export interface ClaimTimes {
  /** Where an upload with it is known to have arrived. */
  readonly withReceipt: number;
  readonly withoutReceipt: number;
}

/** What the chain showed of vouchers, and what is still to be looked up there (spec §5.8). */
export class OutcomeStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** A final block shows a voucher's end; the first that was seen stays. */
  end(id: Uint8Array, { kind, tx, block }: ChainOutcome, now: number): void {
    const changed = this.statements.run(
      `UPDATE voucher SET delivery = 'final', outcome = ?, outcome_tx = ?, outcome_block = ?
       WHERE id = ? AND outcome IS NULL`,
      ...[kind, tx, block, id],
    );
    if (changed > 0) this.record(id, now, { outcome: kind, tx, block: String(block) });
  }

  /** This terminal's claim has brought it into a block; null where that block is gone. */
  claimed(id: Uint8Array, tx: string | null, now: number): void {
    const changed = this.statements.run(
      "UPDATE voucher SET claim_tx = ? WHERE id = ? AND claim_tx IS NOT ?",
      ...[tx, id, tx],
    );
    if (changed > 0) this.record(id, now, { claim: tx });
  }

  /** A final block shows its counter used by another message of the same card. */
  rival(id: Uint8Array, tx: string, now: number): void {
    const changed = this.statements.run("UPDATE voucher SET rival_tx = ? WHERE id = ? AND rival_tx IS NULL", tx, id);
    if (changed > 0) this.record(id, now, { rival: tx });
  }

  /** Which blocks were searched in vain; they can be read again, so this is no entry of the log. */
  searched(id: Uint8Array, { from, to }: SearchedBlocks): void {
    this.statements.run("UPDATE voucher SET searched_from = ?, searched_to = ? WHERE id = ?", from, to, id);
  }

  /** Hints of these vouchers were looked up now; the others come first next time. */
  checked(ids: readonly Uint8Array[], now: number): void {
    for (const id of ids) this.statements.run("UPDATE voucher SET checked_at = ? WHERE id = ?", now, id);
  }

  /** Vouchers, not final, of which a transaction is named; those looked up longest ago come first. */
  toCheck(domainBytes: Uint8Array, limit: number): readonly VoucherRecord[] {
    return this.many(
      `SELECT * FROM voucher WHERE domain = ? AND delivery <> 'final' AND (tx IS NOT NULL OR claim_tx IS NOT NULL)
       ORDER BY coalesce(checked_at, 0), rowid LIMIT ?`,
      ...[domainBytes, limit],
    );
  }

  /**
   * All vouchers that are not final in pages: payments since a time first, then the older ones, the
   * oldest of each part first. A voucher may become final between two pages.
   */
  *notFinal(domainBytes: Uint8Array, since = 0): Generator<readonly VoucherRecord[]> {
    for (const [from, until] of [
      [since, Number.MAX_SAFE_INTEGER],
      [0, since],
    ] as const) {
      let after: Pick<VoucherRecord, "requestTime" | "id"> = { requestTime: from, id: new Uint8Array(0) };
      for (;;) {
        const page = this.many(
          `SELECT * FROM voucher WHERE domain = ? AND delivery <> 'final' AND request_time < ?
             AND (request_time, id) > (?, ?) ORDER BY request_time, id LIMIT ?`,
          ...[domainBytes, until, after.requestTime, after.id, NOT_FINAL_PAGE],
        );
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < NOT_FINAL_PAGE) break;
        after = last;
      }
    }
  }

  /** Vouchers, not final, with this counter, of whichever card. */
  ofCounter(domainBytes: Uint8Array, counter: number): readonly VoucherRecord[] {
    return this.many(
      "SELECT * FROM voucher WHERE domain = ? AND counter = ? AND delivery <> 'final' ORDER BY rowid",
      ...[domainBytes, counter],
    );
  }

  /** Whether a voucher is due to be claimed that this terminal has not claimed yet. */
  isClaimDue(domainBytes: Uint8Array, { withReceipt, withoutReceipt }: ClaimTimes): boolean {
    return [[1, withReceipt] as const, [0, withoutReceipt] as const].some(([receipted, latest]) => {
      const found = this.statements.one(
        `SELECT 1 FROM voucher WHERE domain = ? AND receipted = ? AND request_time <= ? AND delivery <> 'final'
           AND cancelled = 0 AND claim_tx IS NULL AND rival_tx IS NULL LIMIT 1`,
        ...[domainBytes, receipted, latest],
      );
      return found !== undefined;
    });
  }

  /** Request time of the oldest voucher whose end neither the chain nor settlement shows. */
  oldestUnreported(domainBytes: Uint8Array): number | null {
    const row = this.statements.one<{ readonly time: bigint }>(
      `SELECT request_time AS time FROM voucher WHERE domain = ? AND delivery <> 'final' AND reported IS NULL
         AND cancelled = 0 ORDER BY request_time LIMIT 1`,
      domainBytes,
    );
    return row === undefined ? null : Number(row.time);
  }

  private many(sql: string, ...values: readonly SqlValue[]): readonly VoucherRecord[] {
    return this.statements.many<VoucherRow>(sql, ...values).map(voucherOf);
  }

  private record(id: Uint8Array, now: number, details: Readonly<Record<string, unknown>>): void {
    const row = this.statements.one<Pick<VoucherRow, "delivery">>("SELECT delivery FROM voucher WHERE id = ?", id);
    const state = row?.delivery ?? "";
    this.events.append({ at: now, kind: "delivery", subject: toHex(id), state, details });
  }
}
