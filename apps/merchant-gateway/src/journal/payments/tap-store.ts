import { toHex } from "@tallystick/protocol";
import type { EventLog } from "../events/event-log.ts";
import { JournalError } from "../events/journal-error.ts";
import type { Statements } from "../events/statements.ts";
import { type TapIntent, tapOf, type TapRecord, type TapRow, type TapState } from "./tap-record.ts";

/** A tap that was refused before any PAY: nothing was sent, but the day's record shows it. */
export interface RefusedTap {
  readonly id: string;
  readonly saleId: string;
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
  readonly code: string | null;
  readonly sw: string | null;
  readonly apdus: number;
  readonly answer: Uint8Array | null;
  readonly voucherId: Uint8Array | null;
  readonly spentAfter: bigint | null;
  readonly now: number;
}

/** Taps and their states. Every change enters the chain in the same transaction. */
export class TapStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Records a refusal before PAY. */
  refuse(tap: RefusedTap): void {
    this.statements
      .prepare(
        `INSERT INTO tap (id, sale_id, sale_open, state, domain, amount, created_at, changed_at, card_key, code, sw, apdus, spent_before)
         VALUES (?, ?, 0, 'refused', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        tap.id,
        tap.saleId,
        tap.domainBytes,
        tap.amount,
        tap.now,
        tap.now,
        tap.cardKey,
        tap.code,
        tap.sw,
        tap.apdus,
        tap.spentBefore,
      );
    this.note(tap.id, "refused", tap.now, {
      saleId: tap.saleId,
      amount: String(tap.amount),
      code: tap.code,
      sw: tap.sw,
    });
  }

  /** Records the intent; the caller's transaction makes it durable before PAY. */
  intend(tap: IntendedTap): void {
    const { intent } = tap;
    this.statements
      .prepare(
        `INSERT INTO tap (id, sale_id, sale_open, state, domain, amount, created_at, changed_at, card_key, select_answer, request, counter,
           request_time, pin_verified, spent_before)
         VALUES (?, ?, 1, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        tap.id,
        tap.saleId,
        tap.domainBytes,
        tap.amount,
        tap.now,
        tap.now,
        tap.cardKey,
        intent.selectAnswer,
        intent.request,
        intent.counter,
        intent.requestTime,
        intent.pinVerified ? 1 : 0,
        tap.spentBefore,
      );
    this.note(tap.id, "intent", tap.now, {
      saleId: tap.saleId,
      cardKey: toHex(tap.cardKey),
      select: toHex(intent.selectAnswer),
      request: toHex(intent.request),
    });
  }

  /** Journals a newer SELECT below the intent's counter, and whether the PIN was verified since, before PAY is sent again. */
  renew(
    tap: TapRecord,
    fresh: { readonly selectAnswer: Uint8Array; readonly pinVerified: boolean },
    now: number,
  ): void {
    this.statements
      .prepare("UPDATE tap SET select_answer = ?, pin_verified = ?, changed_at = ? WHERE id = ?")
      .run(fresh.selectAnswer, fresh.pinVerified ? 1 : 0, now, tap.id);
    this.note(tap.id, tap.state, now, { select: toHex(fresh.selectAnswer), pinVerified: fresh.pinVerified });
  }

  /** Records what came of a tap; throws JOURNAL_STATE_CONFLICT when it is not in the expected state. */
  finish(outcome: TapOutcome): void {
    const changed = this.statements
      .prepare(
        `UPDATE tap SET state = ?, sale_open = ?, code = ?, sw = coalesce(?, sw), apdus = apdus + ?, answer = coalesce(?, answer),
           voucher_id = coalesce(?, voucher_id), spent_after = coalesce(?, spent_after), changed_at = ? WHERE id = ? AND state = ?`,
      )
      .run(
        outcome.to,
        outcome.saleOpen ? 1 : 0,
        outcome.code,
        outcome.sw,
        outcome.apdus,
        outcome.answer,
        outcome.voucherId,
        outcome.spentAfter,
        outcome.now,
        outcome.id,
        outcome.from,
      ).changes;
    if (changed !== 1) throw new JournalError("JOURNAL_STATE_CONFLICT", `Tap ${outcome.id} is not ${outcome.from}.`);
    this.note(outcome.id, outcome.to, outcome.now, {
      code: outcome.code,
      sw: outcome.sw,
      answer: outcome.answer === null ? null : toHex(outcome.answer),
      voucherId: outcome.voucherId === null ? null : toHex(outcome.voucherId),
    });
  }

  /** Closes the open sale, so that its PAY is never sent again below its counter. */
  closeSale(tap: TapRecord, now: number): void {
    this.statements.prepare("UPDATE tap SET sale_open = 0, changed_at = ? WHERE id = ?").run(now, tap.id);
    this.note(tap.id, tap.state, now, { saleOpen: false });
  }

  byId(id: string): TapRecord | null {
    return this.one("SELECT * FROM tap WHERE id = ?", id);
  }

  /** The newest tap of a sale. */
  bySale(saleId: string): TapRecord | null {
    return this.one("SELECT * FROM tap WHERE sale_id = ? ORDER BY created_at DESC, rowid DESC LIMIT 1", saleId);
  }

  /** The tap of the one sale that is open, if any. */
  openSale(): TapRecord | null {
    return this.one("SELECT * FROM tap WHERE sale_open = 1");
  }

  /** The card of a cancelled tap has said whether it paid; a voucher that it signed is kept beside the others. */
  readBack(tap: TapRecord, now: number): void {
    this.statements.prepare("UPDATE tap SET read_back = 1, changed_at = ? WHERE id = ?").run(now, tap.id);
    this.note(tap.id, tap.state, now, { readBack: true });
  }

  /** Cancelled taps of a card, up to a counter, that it has not been asked about since; lowest counter first. */
  toReadBack(
    of: { readonly domainBytes: Uint8Array; readonly cardKey: Uint8Array; readonly counter: number },
    limit: number,
  ): readonly TapRecord[] {
    return this.many(
      `SELECT * FROM tap WHERE card_key = ? AND domain = ? AND state = 'cancelled' AND read_back = 0 AND counter <= ?
       ORDER BY counter, created_at LIMIT ?`,
      of.cardKey,
      of.domainBytes,
      of.counter,
      limit,
    );
  }

  /** Cancelled taps that asked a card for one number, and that it has not been asked about since. */
  toReadBackAt(of: Pick<TapRecord, "domainBytes" | "cardKey">, counter: number): readonly TapRecord[] {
    return this.many(
      "SELECT * FROM tap WHERE card_key = ? AND domain = ? AND state = 'cancelled' AND read_back = 0 AND counter = ?",
      of.cardKey,
      of.domainBytes,
      counter,
    );
  }

  /** Intents of a card that wait for it, lowest counter first. */
  unresolvedOf(domainBytes: Uint8Array, cardKey: Uint8Array): readonly TapRecord[] {
    return this.many(
      "SELECT * FROM tap WHERE card_key = ? AND domain = ? AND state IN ('intent', 'unresolved') ORDER BY counter, created_at",
      cardKey,
      domainBytes,
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
      before,
      limit,
    );
  }

  private one(sql: string, ...values: readonly unknown[]): TapRecord | null {
    const row = this.statements.prepare<unknown[], TapRow>(sql).get(...values);
    return row === undefined ? null : tapOf(row);
  }

  private many(sql: string, ...values: readonly unknown[]): readonly TapRecord[] {
    return this.statements
      .prepare<unknown[], TapRow>(sql)
      .all(...values)
      .map(tapOf);
  }

  private note(id: string, state: TapState, now: number, details: Readonly<Record<string, unknown>>): void {
    this.events.append({ at: now, kind: "tap", subject: id, state, body: JSON.stringify(details) });
  }
}
