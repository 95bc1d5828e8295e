import { toHex } from "@tallystick/protocol";
import type { EventLog } from "../events/event-log.ts";
import type { SqlValue, Statements } from "../events/statements.ts";
import { type DeliveryState, voucherOf, type VoucherRecord, type VoucherRow } from "./voucher-record.ts";

/** What a terminal holds and settlement has not acknowledged. */
export interface UnsentSummary {
  readonly count: number;
  /** Units. */
  readonly sum: bigint;
  /** Of the sum, units paid by software cards. */
  readonly softwareSum: bigint;
  /** Request time of the oldest; null when there is none. */
  readonly oldestTime: number | null;
}

/** What settlement answered for one voucher. */
export interface DeliveryResult {
  readonly id: Uint8Array;
  readonly status: string;
  readonly code: string | null;
  readonly delivery: DeliveryState;
}

/** What a voucher is kept with. */
export type NewVoucher = Pick<
  VoucherRecord,
  "id" | "tapId" | "domainBytes" | "cardKey" | "counter" | "amount" | "requestTime" | "software" | "reversed" | "entry"
>;

/** Where settlement has a voucher. */
export interface FollowedState {
  readonly state: string;
  readonly batch: string | null;
  readonly tx: string | null;
  readonly final: boolean;
}

/** Vouchers. Rows are never deleted and what the card signed never changes. */
export class VoucherStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Keeps a voucher, in the transaction that records what came of its tap. */
  keep(voucher: NewVoucher, now: number): void {
    const { id, tapId, domainBytes, cardKey, counter, amount, requestTime, software, reversed, entry } = voucher;
    this.statements.run(
      `INSERT INTO voucher (id, tap_id, domain, card_key, counter, amount, request_time, software, cancelled, entry, delivery)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'unsent')`,
      ...[id, tapId, domainBytes, cardKey, counter, amount, requestTime, software ? 1 : 0, reversed ? 1 : 0, entry],
    );
    this.recordEvent(id, "unsent", now, { entry: toHex(entry) });
  }

  byId(id: Uint8Array): VoucherRecord | null {
    const [voucher] = this.many("SELECT * FROM voucher WHERE id = ?", id);
    return voucher ?? null;
  }

  /** The voucher that came of a tap; null where its card signed none, or has not been asked yet. */
  ofTap(tapId: string): VoucherRecord | null {
    const [voucher] = this.many("SELECT * FROM voucher WHERE tap_id = ?", tapId);
    return voucher ?? null;
  }

  /** What settlement has not acknowledged yet, of one domain. */
  unsent(domainBytes: Uint8Array): UnsentSummary {
    const row = this.statements.one<{
      readonly count: bigint;
      readonly sum: bigint;
      readonly software: bigint;
      readonly oldest: bigint | null;
    }>(
      `SELECT count(*) AS count, coalesce(sum(amount), 0) AS sum,
         coalesce(sum(amount * software), 0) AS software, min(request_time) AS oldest FROM voucher
       WHERE domain = ? AND delivery IN ('unsent', 'packed') AND cancelled = 0`,
      domainBytes,
    );
    if (row === undefined) return { count: 0, sum: 0n, softwareSum: 0n, oldestTime: null };
    return {
      count: Number(row.count),
      sum: row.sum,
      softwareSum: row.software,
      oldestTime: row.oldest === null ? null : Number(row.oldest),
    };
  }

  /** How many vouchers settlement refused. */
  disputedCount(): number {
    const row = this.statements.one<{ readonly count: bigint }>(
      "SELECT count(*) AS count FROM voucher WHERE delivery = 'disputed'",
    );
    return Number(row?.count ?? 0n);
  }

  /** Vouchers in no upload yet, in the order they were taken. */
  toPack(domainBytes: Uint8Array, limit: number): readonly VoucherRecord[] {
    return this.many(
      "SELECT * FROM voucher WHERE domain = ? AND delivery = 'unsent' ORDER BY rowid LIMIT ?",
      ...[domainBytes, limit],
    );
  }

  /** Vouchers whose end is not final, in the order they were taken; reversed ones too. */
  notFinal(domainBytes: Uint8Array): readonly VoucherRecord[] {
    return this.many("SELECT * FROM voucher WHERE domain = ? AND delivery <> 'final' ORDER BY rowid", domainBytes);
  }

  /** Vouchers, not final, whose counter stands in a table of counters, for whichever card. */
  withCounterIn(table: "chain_void" | "chain_voided", domainBytes: Uint8Array): readonly VoucherRecord[] {
    return this.many(
      `SELECT * FROM voucher WHERE domain = ? AND delivery <> 'final'
         AND counter IN (SELECT counter FROM ${table} WHERE domain = ?) ORDER BY rowid`,
      ...[domainBytes, domainBytes],
    );
  }

  /** Vouchers that settlement has but that are not final; those asked about longest ago come first. With `since`, only payments from that time on. */
  toFollow(domainBytes: Uint8Array, limit: number, since = 0): readonly VoucherRecord[] {
    return this.many(
      `SELECT * FROM voucher WHERE domain = ? AND delivery = 'taken' AND request_time >= ?
       ORDER BY coalesce(asked_at, 0), rowid LIMIT ?`,
      ...[domainBytes, since, limit],
    );
  }

  /** Vouchers that were given back whole since, and that settlement does not show as given back yet. */
  toFollowBack(domainBytes: Uint8Array, limit: number, since: number): readonly VoucherRecord[] {
    return this.many(
      `SELECT voucher.* FROM refund JOIN voucher ON voucher.tap_id = refund.tap_id
       WHERE voucher.domain = ? AND refund.state = 'refunded' AND refund.changed_at >= ? AND voucher.delivery = 'final'
         AND voucher.settlement_state NOT IN ('refunded', 'released')
         AND voucher.amount <= (SELECT sum(amount) FROM refund AS each WHERE each.tap_id = voucher.tap_id AND each.state = 'refunded')
       GROUP BY voucher.id ORDER BY coalesce(voucher.asked_at, 0), voucher.rowid LIMIT ?`,
      ...[domainBytes, since, limit],
    );
  }

  /** Reversed vouchers that no refund gives back yet, oldest first; those at their end are left out. */
  toReturn(limit: number): readonly VoucherRecord[] {
    return this.many(
      `SELECT * FROM voucher WHERE cancelled = 1 AND delivery <> 'final'
         AND NOT EXISTS (SELECT 1 FROM refund WHERE refund.tap_id = voucher.tap_id) ORDER BY rowid LIMIT ?`,
      limit,
    );
  }

  /** Marks the vouchers of an upload that is being packed. */
  pack(ids: readonly Uint8Array[], uploadSeq: number): void {
    for (const id of ids)
      this.statements.run(
        "UPDATE voucher SET delivery = 'packed', upload_seq = ? WHERE id = ? AND delivery = 'unsent'",
        ...[uploadSeq, id],
      );
  }

  /** Vouchers of one upload, in its order. */
  ofUpload(domainBytes: Uint8Array, uploadSeq: number): readonly VoucherRecord[] {
    return this.many(
      "SELECT * FROM voucher WHERE domain = ? AND upload_seq = ? ORDER BY rowid",
      ...[domainBytes, uploadSeq],
    );
  }

  /** Records what settlement answered for a voucher; one that is final stays final. */
  deliver({ id, status, code, delivery }: DeliveryResult, now: number): void {
    const changed = this.statements.run(
      `UPDATE voucher SET delivery = ?, result = ?, result_code = ?
       WHERE id = ? AND delivery <> 'final' AND (delivery <> ? OR result IS NOT ?)`,
      ...[delivery, status, code, id, delivery, status],
    );
    if (changed > 0) this.recordEvent(id, delivery, now, { status, code });
  }

  /** Records where settlement has a voucher. */
  follow(id: Uint8Array, { state, batch, tx, final }: FollowedState, now: number): void {
    const before = this.byId(id);
    this.statements.run(
      "UPDATE voucher SET settlement_state = ?, batch = ?, tx = ?, asked_at = ?, delivery = ? WHERE id = ?",
      ...[state, batch, tx, now, final ? "final" : (before?.delivery ?? "taken"), id],
    );
    if (before !== null && before.settlementState !== state)
      this.recordEvent(id, final ? "final" : before.delivery, now, { state, batch, tx });
  }

  private many(sql: string, ...values: readonly SqlValue[]): readonly VoucherRecord[] {
    return this.statements.many<VoucherRow>(sql, ...values).map(voucherOf);
  }

  private recordEvent(
    id: Uint8Array,
    state: DeliveryState,
    now: number,
    details: Readonly<Record<string, unknown>>,
  ): void {
    this.events.append({ at: now, kind: "delivery", subject: toHex(id), state, details });
  }
}
