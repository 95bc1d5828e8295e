import type { EventLog } from "../events/event-log.ts";
import type { SqlValue, Statements } from "../events/statements.ts";
import { stateOf, storedState, type StoredState } from "./stored-states.ts";

/** Where a refund is; the journal's table `refund_state` says what each means. */
export type RefundState = "reversed" | "releasing" | "refunding" | "refunded" | "refused";

/** Which refund: a payment may have several. */
export interface RefundKey {
  readonly tapId: string;
  /** Chosen by whoever asked; the same one is the same refund. */
  readonly refundId: string;
}

/** Money that goes back to a card: by a reversal, a release or a refund, by where the payment is. */
export interface RefundRecord extends RefundKey {
  /** Units. */
  readonly amount: bigint;
  readonly state: RefundState;
  /** What keeps it from its end, or why it was refused; null where nothing does. */
  readonly code: string | null;
  /** The vault's or the node's own message, for people. */
  readonly detail: string | null;
  /** The transaction that gives the value back, once it is signed. */
  readonly tx: string | null;
  /** The block in which it stands; may change until it is final. */
  readonly block: number | null;
  readonly madeAt: number;
}

interface RefundRow {
  readonly tap_id: string;
  readonly refund_id: string;
  readonly amount: bigint;
  readonly state: StoredState<RefundState>;
  readonly code: string | null;
  readonly detail: string | null;
  readonly tx: string | null;
  readonly block: bigint | null;
  readonly made_at: bigint;
}

function refundOf(row: RefundRow): RefundRecord {
  return {
    tapId: row.tap_id,
    refundId: row.refund_id,
    amount: row.amount,
    state: stateOf(row.state),
    code: row.code,
    detail: row.detail,
    tx: row.tx,
    block: row.block === null ? null : Number(row.block),
    madeAt: Number(row.made_at),
  };
}

/** What changes about a refund. */
export type RefundChange = Partial<Pick<RefundRecord, "state" | "code" | "detail" | "tx" | "block">>;

/** Refunds; ChainCallStore has the calls that carry them. Every change enters the event log in the same transaction. */
export class RefundStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Keeps a new refund; SQLite refuses one that would give back more than was paid. */
  begin(refund: RefundKey & Pick<RefundRecord, "amount" | "state">, now: number): void {
    const { tapId, refundId, amount, state } = refund;
    this.statements.run(
      "INSERT INTO refund (tap_id, refund_id, amount, state, made_at, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
      ...[tapId, refundId, amount, storedState(state), now, now],
    );
    this.recordEvent(refund, state, now, { amount: String(amount) });
  }

  byId(tapId: string, refundId: string): RefundRecord | null {
    const [found] = this.many("SELECT * FROM refund WHERE tap_id = ? AND refund_id = ?", tapId, refundId);
    return found ?? null;
  }

  /** Refunds of one tap, oldest first. */
  ofTap(tapId: string): readonly RefundRecord[] {
    return this.many("SELECT * FROM refund WHERE tap_id = ? ORDER BY rowid", tapId);
  }

  /** Refunds that are not at their end, oldest first. */
  open(): readonly RefundRecord[] {
    return this.many(
      "SELECT * FROM refund WHERE state IN ('cancelled', 'releasing', 'refunding') ORDER BY made_at, rowid",
    );
  }

  /** Units of a tap that are given back, or on their way. */
  sum(tapId: string): bigint {
    const row = this.statements.one<{ readonly sum: bigint }>(
      "SELECT coalesce(sum(amount), 0) AS sum FROM refund WHERE tap_id = ? AND state <> 'refused'",
      tapId,
    );
    return row?.sum ?? 0n;
  }

  /** Records where a refund is; what is not named stays, but `code` and `detail` are of this change alone. The same again changes nothing. */
  move(refund: RefundRecord, to: RefundChange, now: number): void {
    const next = { ...refund, code: null, detail: null, ...to };
    const { state, code, detail, tx, block } = next;
    if ((["state", "code", "detail", "tx", "block"] as const).every((key) => next[key] === refund[key])) return;
    this.statements.run(
      `UPDATE refund SET state = ?, code = ?, detail = ?, tx = ?, block = ?, changed_at = ?
       WHERE tap_id = ? AND refund_id = ?`,
      ...[storedState(state), code, detail, tx, block, now, refund.tapId, refund.refundId],
    );
    this.recordEvent(refund, state, now, { code, detail, tx, block });
  }

  private many(sql: string, ...values: readonly SqlValue[]): readonly RefundRecord[] {
    return this.statements.many<RefundRow>(sql, ...values).map(refundOf);
  }

  private recordEvent(
    { tapId, refundId }: RefundKey,
    state: RefundState,
    now: number,
    details: Readonly<Record<string, unknown>>,
  ): void {
    const subject = `${tapId}/${refundId}`;
    this.events.append({ at: now, kind: "refund", subject, state: storedState(state), details });
  }
}
