import { toHex } from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { EventLog } from "../events/event-log.ts";
import type { SqlValue, Statements } from "../events/statements.ts";
import type { RefundKey } from "./refund-store.ts";

/**
 * How an order ended: `done` as a final block shows, `expired` past its deadline without effect, or
 * `overtaken` where the voucher went another way, which leaves it without effect as well.
 */
export type OrderEnd = "done" | "expired" | "overtaken";

/** What a terminal signed as its payee's delegate. */
export interface ReturnOrderRecord {
  readonly refund: RefundKey;
  readonly kind: "refund" | "release";
  /** SHA-256 of `object`. */
  readonly hash: Uint8Array;
  /** `TLYF` or `TLYX`. */
  readonly object: Uint8Array;
  /** r ‖ s, 64 bytes. */
  readonly signature: Uint8Array;
  /** Units of the voucher that are given back in all when it is done. */
  readonly total: bigint;
  /** Seconds; null for a release, which has none. */
  readonly deadline: number | null;
}

interface OrderRow {
  readonly tap_id: string;
  readonly refund_id: string;
  readonly kind: ReturnOrderRecord["kind"];
  readonly hash: Uint8Array;
  readonly object: Uint8Array;
  readonly signature: Uint8Array;
  readonly total: bigint;
  readonly deadline: bigint | null;
}

/** Orders to the vault. Every change enters the event log in the same transaction. */
export class ReturnOrderStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Keeps a signed order; durable before it leaves. SQLite refuses a second open one of a payment. */
  begin(order: ReturnOrderRecord, now: number): void {
    const { refund, kind, hash, object, signature, total, deadline } = order;
    this.statements.run(
      `INSERT INTO return_order (hash, tap_id, refund_id, kind, object, signature, total, deadline, state, made_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'signed', ?)`,
      ...[hash, refund.tapId, refund.refundId, kind, object, signature, total, deadline, now],
    );
    const details = { ...refund, kind, object: toHex(object), signature: toHex(signature) };
    this.recordEvent(hash, "signed", now, details);
  }

  end({ hash }: Pick<ReturnOrderRecord, "hash">, how: OrderEnd, now: number): void {
    this.statements.run("UPDATE return_order SET state = ? WHERE hash = ?", how, hash);
    this.recordEvent(hash, how, now, {});
  }

  /** The order of a payment that is under way; null where there is none. */
  open(tapId: string): ReturnOrderRecord | null {
    const [order] = this.many("tap_id = ? AND state = 'signed'", tapId);
    return order ?? null;
  }

  /**
   * The order that did a paid voucher's refund; with `signed`, also one that may still do it. Null where none may have
   * effect.
   */
  standing({ tapId, refundId }: RefundKey, { signed }: { readonly signed: boolean }): ReturnOrderRecord | null {
    const [order] = this.many(
      "tap_id = ? AND refund_id = ? AND kind = 'refund' AND (state = 'done' OR (state = 'signed' AND ?))",
      ...[tapId, refundId, signed ? 1 : 0],
    );
    return order ?? null;
  }

  /** Units that the orders of a payment gave back in all. */
  doneTotal(tapId: string): bigint {
    const row = this.statements.one<{ readonly total: bigint }>(
      "SELECT coalesce(max(total), 0) AS total FROM return_order WHERE tap_id = ? AND state = 'done'",
      tapId,
    );
    return row?.total ?? 0n;
  }

  /** How many orders of a refund passed their deadlines without effect. */
  expired({ tapId, refundId }: RefundKey): number {
    const row = this.statements.one<{ readonly count: bigint }>(
      "SELECT count(*) AS count FROM return_order WHERE tap_id = ? AND refund_id = ? AND state = 'expired'",
      ...[tapId, refundId],
    );
    return Number(row?.count ?? 0n);
  }

  /** The total that a refund was ordered with; null before its first order. */
  totalOf({ tapId, refundId }: RefundKey): bigint | null {
    const row = this.statements.one<{ readonly total: bigint | null }>(
      "SELECT max(total) AS total FROM return_order WHERE tap_id = ? AND refund_id = ? AND kind = 'refund'",
      ...[tapId, refundId],
    );
    return row?.total ?? null;
  }

  /** Vouchers that were released although this terminal reversed none of them (spec §5.8). */
  releasedUnordered(): number {
    const row = this.statements.one<{ readonly count: bigint }>(
      `SELECT count(*) AS count FROM voucher
       WHERE cancelled = 0 AND (outcome IS 'released' OR (settlement_state IS 'released' AND reported IS 'final'))`,
    );
    return Number(row?.count ?? 0n);
  }

  private many(condition: string, ...values: readonly SqlValue[]): readonly ReturnOrderRecord[] {
    return this.statements
      .many<OrderRow>(`SELECT * FROM return_order WHERE ${condition} ORDER BY rowid`, ...values)
      .map((row) => ({
        ...{ refund: { tapId: row.tap_id, refundId: row.refund_id }, kind: row.kind, total: row.total },
        ...{ hash: plain(row.hash), object: plain(row.object), signature: plain(row.signature) },
        deadline: row.deadline === null ? null : Number(row.deadline),
      }));
  }

  private recordEvent(hash: Uint8Array, state: string, now: number, details: Readonly<Record<string, unknown>>): void {
    this.events.append({ at: now, kind: "return-order", subject: toHex(hash), state, details });
  }
}
