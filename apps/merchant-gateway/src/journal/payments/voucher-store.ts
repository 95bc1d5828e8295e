import { toHex } from "@tallystick/protocol";
import type { EventLog } from "../events/event-log.ts";
import type { SqlValue, Statements } from "../events/statements.ts";
import {
  type DeliveryState,
  type ReportedEnd,
  voucherOf,
  type VoucherRecord,
  type VoucherRow,
} from "./voucher-record.ts";
import { VoucherTotals } from "./voucher-totals.ts";

/** What a terminal holds and settlement has not acknowledged. */
export interface UnsentSummary {
  readonly count: number;
  /** Units. */
  readonly sum: bigint;
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

/** Where settlement says that a voucher is. */
export interface FollowedState {
  readonly state: string;
  readonly batch: string | null;
  readonly tx: string | null;
  /** Null where it names no end, or where nothing authenticates its answer. */
  readonly reported: ReportedEnd | null;
}

/** Vouchers. Rows are never deleted and what the card signed never changes. */
export class VoucherStore {
  private readonly statements: Statements;
  private readonly events: EventLog;
  private readonly totals: VoucherTotals;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
    this.totals = new VoucherTotals(statements);
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
    const oldest = this.statements.one<{ readonly time: bigint }>(
      "SELECT request_time AS time FROM voucher WHERE domain = ? AND is_unsent = 1 ORDER BY request_time LIMIT 1",
      domainBytes,
    );
    if (oldest === undefined) return { count: 0, sum: 0n, oldestTime: null };
    const { unsent_count: count, unsent_sum: sum } = this.totals.of(domainBytes);
    return { count: Number(count), sum, oldestTime: Number(oldest.time) };
  }

  /** Units of a card's vouchers that are open (spec §5.4, 7). */
  openSum(domainBytes: Uint8Array, cardKey: Uint8Array): bigint {
    return this.totals.openOfCard(domainBytes, cardKey);
  }

  /** The same of all software cards, with what the issuer has compensated (spec §5.4, 5). */
  openSoftwareSum(domainBytes: Uint8Array): bigint {
    return this.totals.of(domainBytes).software_sum;
  }

  /** Whether this terminal knows of a fork of this card, or of a compensation (spec §5.4). */
  convicts(domainBytes: Uint8Array, cardKey: Uint8Array): boolean {
    const found = this.statements.one(
      "SELECT 1 FROM voucher WHERE card_key = ? AND domain = ? AND convicts = 1 LIMIT 1",
      ...[cardKey, domainBytes],
    );
    return found !== undefined;
  }

  /** How many vouchers settlement refused. */
  disputedCount(): number {
    return this.totals.disputedCount();
  }

  /**
   * Vouchers in no upload yet, in the order they were taken. What is final already is sent all the
   * same: settlement reckons with what it knows of a card's payments (spec §6.3).
   */
  toPack(domainBytes: Uint8Array, limit: number): readonly VoucherRecord[] {
    return this.many(
      "SELECT * FROM voucher WHERE domain = ? AND upload_seq IS NULL ORDER BY rowid LIMIT ?",
      ...[domainBytes, limit],
    );
  }

  /** Vouchers, not final, whose counter stands in a table of counters, for whichever card. */
  withCounterIn(table: "chain_void" | "chain_voided", domainBytes: Uint8Array): readonly VoucherRecord[] {
    return this.many(
      `SELECT * FROM voucher WHERE domain = ? AND delivery <> 'final'
         AND counter IN (SELECT counter FROM ${table} WHERE domain = ?) ORDER BY rowid`,
      ...[domainBytes, domainBytes],
    );
  }

  /**
   * Vouchers that settlement has, and whose end it has not reported; those asked about longest ago
   * come first.
   */
  toFollow(domainBytes: Uint8Array, limit: number): readonly VoucherRecord[] {
    return this.many(
      `SELECT * FROM voucher WHERE domain = ? AND delivery = 'taken' AND reported IS NOT 'final'
       ORDER BY coalesce(asked_at, 0), rowid LIMIT ?`,
      ...[domainBytes, limit],
    );
  }

  /** The same of payments since a time alone, which are few. */
  toFollowSince(domainBytes: Uint8Array, limit: number, since: number): readonly VoucherRecord[] {
    return this.many(
      `SELECT * FROM voucher INDEXED BY voucher_by_delivery
       WHERE domain = ? AND delivery = 'taken' AND reported IS NOT 'final' AND request_time >= ?
       ORDER BY coalesce(asked_at, 0), rowid LIMIT ?`,
      ...[domainBytes, since, limit],
    );
  }

  /**
   * Vouchers that were given back whole since, and that settlement does not show as given back yet.
   */
  toFollowBack(domainBytes: Uint8Array, limit: number, since: number): readonly VoucherRecord[] {
    return this.many(
      `SELECT voucher.* FROM refund JOIN voucher ON voucher.tap_id = refund.tap_id
       WHERE voucher.domain = ? AND refund.state = 'refunded' AND refund.changed_at >= ?
         AND (voucher.delivery = 'final' OR voucher.reported = 'final')
         AND voucher.settlement_state NOT IN ('refunded', 'released')
         AND voucher.amount <= (SELECT sum(amount) FROM refund AS each WHERE each.tap_id = voucher.tap_id AND each.state = 'refunded')
       GROUP BY voucher.id ORDER BY coalesce(voucher.asked_at, 0), voucher.rowid LIMIT ?`,
      ...[domainBytes, since, limit],
    );
  }

  /**
   * Reversed vouchers that no refund gives back yet, oldest first; those at their end are left out.
   */
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
        `UPDATE voucher SET upload_seq = ?, delivery = iif(delivery = 'unsent', 'packed', delivery)
         WHERE id = ? AND upload_seq IS NULL`,
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
      `UPDATE voucher SET delivery = iif(delivery = 'final', 'final', ?), result = ?, result_code = ?
       WHERE id = ? AND (delivery NOT IN ('final', ?) OR result IS NOT ?)`,
      ...[delivery, status, code, id, delivery, status],
    );
    if (changed > 0) this.recordEvent(id, this.byId(id)?.delivery ?? delivery, now, { status, code });
  }

  /** Records where settlement says that a voucher is; it ends nothing (spec §5.8). */
  follow(id: Uint8Array, { state, batch, tx, reported }: FollowedState, now: number): void {
    const before = this.byId(id);
    if (before === null) return;
    this.statements.run(
      "UPDATE voucher SET settlement_state = ?, batch = ?, tx = ?, reported = ?, asked_at = ? WHERE id = ?",
      ...[state, batch, tx, reported, now, id],
    );
    if (before.settlementState === state && before.reported === reported && before.tx === tx) return;
    this.recordEvent(id, before.delivery, now, { state, batch, tx, reported });
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
