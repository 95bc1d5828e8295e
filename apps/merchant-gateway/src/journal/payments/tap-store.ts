import { toHex } from "@tallystick/protocol";
import type { EventLog } from "../events/event-log.ts";
import { JournalError } from "../events/journal-error.ts";
import type { SqlValue, Statements } from "../events/statements.ts";
import { storedState } from "./stored-states.ts";
import { type TapIntent, tapOf, type TapRecord, type TapRow, type TapState } from "./tap-record.ts";

/** A tap that was refused before any PAY: nothing was sent, but the day's record shows it. */
export interface RefusedTap {
  readonly id: string;
  readonly saleId: string;
  readonly lane: string;
  readonly domainBytes: Uint8Array;
  readonly amount: bigint;
  readonly cardKey: Uint8Array | null;
  readonly code: string;
  readonly sw: string | null;
  readonly apdus: number;
  readonly spentBefore: bigint | null;
  readonly now: number;
}

/** A tap about to send PAY. */
export interface IntendedTap {
  readonly id: string;
  readonly saleId: string;
  readonly lane: string;
  readonly domainBytes: Uint8Array;
  readonly amount: bigint;
  readonly cardKey: Uint8Array;
  readonly intent: TapIntent;
  readonly spentBefore: bigint;
  readonly now: number;
}

/** What came of a tap; `from` is the state that the caller found it in. */
export interface TapOutcome {
  readonly id: string;
  readonly from: TapState;
  readonly to: TapState;
  readonly saleOpen: boolean;
  /** Where its card lay then; left out where it lies nowhere. */
  readonly lane?: string;
  readonly code: string | null;
  readonly sw: string | null;
  readonly apdus: number;
  readonly answer: Uint8Array | null;
  readonly voucherId: Uint8Array | null;
  readonly spentAfter: bigint | null;
  readonly now: number;
}

/** Taps and their states. Every change enters the event log in the same transaction. */
export class TapStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Records a refusal before PAY. */
  refuse(tap: RefusedTap): void {
    const { id, saleId, lane, domainBytes, amount, cardKey, code, sw, apdus, spentBefore, now } = tap;
    this.statements.run(
      `INSERT INTO tap (id, sale_id, lane, sale_open, state, domain, amount, created_at, changed_at, card_key, code, sw, apdus,
         spent_before)
       VALUES (?, ?, ?, 0, 'refused', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, saleId, lane, domainBytes, amount, now, now, cardKey, code, sw, apdus, spentBefore],
    );
    this.recordEvent(id, "refused", now, { saleId, lane, amount: String(amount), code, sw });
  }

  /** Records the intent; the caller's transaction makes it durable before PAY. */
  intend({ id, saleId, lane, domainBytes, amount, cardKey, intent, spentBefore, now }: IntendedTap): void {
    const { selectAnswer, request, counter, requestTime, pinVerified } = intent;
    this.statements.run(
      `INSERT INTO tap (id, sale_id, lane, sale_open, state, domain, amount, created_at, changed_at, card_key, select_answer, request,
         counter, request_time, pin_verified, spent_before)
       VALUES (?, ?, ?, 1, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, saleId, lane, domainBytes, amount, now, now, cardKey, selectAnswer, request, counter],
      ...[requestTime, pinVerified ? 1 : 0, spentBefore],
    );
    this.recordEvent(id, "intent", now, {
      ...{ saleId, lane },
      cardKey: toHex(cardKey),
      select: toHex(selectAnswer),
      request: toHex(request),
    });
  }

  /**
   * Journals a newer SELECT below the intent's counter, and whether the PIN was verified since,
   * before PAY is sent again.
   */
  renew(
    tap: TapRecord,
    { selectAnswer, pinVerified }: Pick<TapIntent, "selectAnswer" | "pinVerified">,
    now: number,
  ): void {
    this.statements.run(
      "UPDATE tap SET select_answer = ?, pin_verified = ?, changed_at = ? WHERE id = ?",
      ...[selectAnswer, pinVerified ? 1 : 0, now, tap.id],
    );
    this.recordEvent(tap.id, tap.state, now, { select: toHex(selectAnswer), pinVerified });
  }

  /**
   * Records what came of a tap; throws JOURNAL_STATE_CONFLICT when it is not in the expected state.
   */
  finish(outcome: TapOutcome): void {
    const { id, from, to, saleOpen, lane, code, sw, apdus, answer, voucherId, spentAfter, now } = outcome;
    const changed = this.statements.run(
      `UPDATE tap SET state = ?, sale_open = ?, lane = coalesce(?, lane), code = ?, sw = coalesce(?, sw), apdus = apdus + ?, answer = coalesce(?, answer),
         voucher_id = coalesce(?, voucher_id), spent_after = coalesce(?, spent_after), changed_at = ? WHERE id = ? AND state = ?`,
      ...[
        storedState(to),
        saleOpen ? 1 : 0,
        lane ?? null,
        code,
        sw,
        apdus,
        answer,
        voucherId,
        spentAfter,
        now,
        id,
        storedState(from),
      ],
    );
    if (changed !== 1) throw new JournalError("JOURNAL_STATE_CONFLICT", `Tap ${id} is not ${from}.`);
    this.recordEvent(id, to, now, {
      ...(lane === undefined ? {} : { lane }),
      ...{ code, sw },
      answer: answer === null ? null : toHex(answer),
      voucherId: voucherId === null ? null : toHex(voucherId),
    });
  }

  /** Closes the open sale, so that its PAY is never sent again below its counter. */
  closeSale(tap: TapRecord, now: number): void {
    this.statements.run("UPDATE tap SET sale_open = 0, changed_at = ? WHERE id = ?", now, tap.id);
    this.recordEvent(tap.id, tap.state, now, { saleOpen: false });
  }

  /** The open sale of a tap goes on at another lane, where none is open. */
  move(tap: TapRecord, lane: string, now: number): void {
    this.statements.run("UPDATE tap SET lane = ?, changed_at = ? WHERE id = ?", lane, now, tap.id);
    this.recordEvent(tap.id, tap.state, now, { lane });
  }

  byId(id: string): TapRecord | null {
    return this.one("SELECT * FROM tap WHERE id = ?", id);
  }

  /** The tap that paid a sale, one that was reversed after another; the newest one where none did. */
  bySale(saleId: string): TapRecord | null {
    return this.one(
      `SELECT * FROM tap WHERE sale_id = ?
       ORDER BY state = 'accepted' AND NOT EXISTS (SELECT 1 FROM cancellation WHERE tap_id = tap.id) DESC,
         state = 'accepted' DESC, created_at DESC, rowid DESC LIMIT 1`,
      saleId,
    );
  }

  /** The newest payment of a card, of this amount where one is given; null where it has paid nothing here. */
  lastPaidBy(cardKey: Uint8Array, amount: bigint | null = null): TapRecord | null {
    return this.one(
      `SELECT * FROM tap WHERE state = 'accepted' AND card_key = ?${amount === null ? "" : " AND amount = ?"}
       ORDER BY created_at DESC, rowid DESC LIMIT 1`,
      ...(amount === null ? [cardKey] : [cardKey, amount]),
    );
  }

  /** The newest payment at a lane. */
  lastPaid(lane: string): TapRecord | null {
    return this.one(
      "SELECT * FROM tap WHERE state = 'accepted' AND lane = ? ORDER BY created_at DESC, rowid DESC LIMIT 1",
      lane,
    );
  }

  /** The tap of the one sale that is open at a lane, if any. */
  openSale(lane: string): TapRecord | null {
    return this.one("SELECT * FROM tap WHERE sale_open = 1 AND lane = ?", lane);
  }

  /** The tap of this sale that is open, at whatever lane. */
  openOf(saleId: string): TapRecord | null {
    return this.one("SELECT * FROM tap WHERE sale_open = 1 AND sale_id = ?", saleId);
  }

  /**
   * The card of a reversed tap has said whether it paid; a voucher that it signed is kept beside
   * the others.
   */
  readBack(tap: TapRecord, now: number): void {
    this.statements.run("UPDATE tap SET read_back = 1, changed_at = ? WHERE id = ?", now, tap.id);
    this.recordEvent(tap.id, tap.state, now, { readBack: true });
  }

  /**
   * Reversed taps of a card, up to a counter, that it has not been asked about since; lowest
   * counter first.
   */
  toReadBack(
    { domainBytes, cardKey, counter }: Pick<IntendedTap, "domainBytes" | "cardKey"> & { readonly counter: number },
    limit: number,
  ): readonly TapRecord[] {
    return this.many(
      `SELECT * FROM tap WHERE card_key = ? AND domain = ? AND state = 'cancelled' AND read_back = 0 AND counter <= ?
       ORDER BY counter, created_at LIMIT ?`,
      ...[cardKey, domainBytes, counter, limit],
    );
  }

  /**
   * Reversed taps that asked a card for one counter, and that it has not been asked about since.
   */
  toReadBackAt(
    { domainBytes, cardKey }: Pick<TapRecord, "domainBytes" | "cardKey">,
    counter: number,
  ): readonly TapRecord[] {
    return this.many(
      "SELECT * FROM tap WHERE card_key = ? AND domain = ? AND state = 'cancelled' AND read_back = 0 AND counter = ?",
      ...[cardKey, domainBytes, counter],
    );
  }

  /** Intents of a card that wait for it, lowest counter first. */
  unresolvedOf(domainBytes: Uint8Array, cardKey: Uint8Array): readonly TapRecord[] {
    return this.many(
      "SELECT * FROM tap WHERE card_key = ? AND domain = ? AND state IN ('intent', 'unresolved') ORDER BY counter, created_at",
      ...[cardKey, domainBytes],
    );
  }

  /** Whether this card has signed here what contradicts itself (spec §5.4, 9). */
  convicts(domainBytes: Uint8Array, cardKey: Uint8Array): boolean {
    return (
      this.one(
        `SELECT * FROM tap WHERE card_key = ? AND domain = ? AND code IN ('COUNTER_USED_TWICE', 'SIGHTING_MISMATCH') LIMIT 1`,
        ...[cardKey, domainBytes],
      ) !== null
    );
  }

  /** All intents that wait for their card, oldest first. */
  unresolved(): readonly TapRecord[] {
    return this.many("SELECT * FROM tap WHERE state IN ('intent', 'unresolved') ORDER BY created_at");
  }

  /** The newest taps, or those that are older than one of them, newest first. */
  recent(limit: number, before: string | null = null): readonly TapRecord[] {
    if (before === null) return this.many("SELECT * FROM tap ORDER BY created_at DESC, rowid DESC LIMIT ?", limit);
    return this.many(
      `SELECT * FROM tap WHERE (created_at, rowid) < (SELECT created_at, rowid FROM tap WHERE id = ?)
       ORDER BY created_at DESC, rowid DESC LIMIT ?`,
      ...[before, limit],
    );
  }

  private one(sql: string, ...values: readonly SqlValue[]): TapRecord | null {
    const row = this.statements.one<TapRow>(sql, ...values);
    return row === undefined ? null : tapOf(row);
  }

  private many(sql: string, ...values: readonly SqlValue[]): readonly TapRecord[] {
    return this.statements.many<TapRow>(sql, ...values).map(tapOf);
  }

  private recordEvent(id: string, state: TapState, now: number, details: Readonly<Record<string, unknown>>): void {
    this.events.append({ at: now, kind: "tap", subject: id, state: storedState(state), details });
  }
}
