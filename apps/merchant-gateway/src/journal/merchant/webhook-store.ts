import type { WEBHOOK_TYPES } from "../../config/gateway-config.ts";
import type { EventLog } from "../events/event-log.ts";
import type { SqlValue, Statements } from "../events/statements.ts";
import { MAX_KEPT_WEBHOOKS } from "./limits.ts";

/** What a sale came to, as a merchant's programs are told. */
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** One message; its bytes never change. */
export interface WebhookMessage {
  readonly id: string;
  /** The entry of the event log that it tells of. */
  readonly seq: number;
  readonly type: WebhookType;
  readonly saleId: string;
  /** Seconds: when it happened. */
  readonly at: number;
  /** JSON. */
  readonly body: string;
}

export type WebhookState = "waiting" | "delivered" | "failed";

/** A message on its way to one endpoint. */
export interface WebhookDelivery {
  readonly id: number;
  readonly message: WebhookMessage;
  readonly endpoint: string;
  readonly state: WebhookState;
  readonly attempts: number;
  /** Seconds: when it is tried next; null where it is at its end. */
  readonly nextAt: number | null;
  /** Seconds: when it was tried last. */
  readonly lastAt: number | null;
  /** Why the last try failed; null where it did not. */
  readonly lastCode: string | null;
  /** HTTP status of the last answer; null where none came. */
  readonly lastStatus: number | null;
}

/** What came of a try. */
export type WebhookTry = Pick<WebhookDelivery, "id" | "state" | "nextAt" | "lastCode" | "lastStatus">;

/** Which messages are listed; null leaves the choice open. */
export interface DeliveryQuery {
  readonly endpoint: string | null;
  readonly state: WebhookState | null;
  /** Those below this number. */
  readonly below: number | null;
  readonly limit: number;
}

/** How an endpoint fares. */
export interface WebhookCounts {
  readonly waiting: number;
  readonly failed: number;
  readonly lastDeliveredAt: number | null;
}

/** An entry of the event log, with what its tap and sale say. */
export interface LoggedChange {
  readonly seq: number;
  readonly at: number;
  readonly kind: "tap" | "reversal" | "refund";
  readonly subject: string;
  readonly state: string;
  /** Of the event's details. */
  readonly code: string | null;
  /** An entry of this kind, subject and state came before. */
  readonly isRepeated: boolean;
  /** Of a tap: it was refused or expired before. */
  readonly wasEnded: boolean;
}

interface ChangeRow {
  readonly seq: bigint;
  readonly at: bigint;
  readonly kind: LoggedChange["kind"];
  readonly subject: string;
  readonly state: string;
  readonly code: string | null;
  readonly is_repeated: bigint;
  readonly was_ended: bigint;
}

interface DeliveryRow {
  readonly id: bigint;
  readonly endpoint: string;
  readonly state: WebhookState;
  readonly attempts: bigint;
  readonly next_at: bigint | null;
  readonly last_at: bigint | null;
  readonly last_code: string | null;
  readonly last_status: bigint | null;
  readonly event_id: string;
  readonly seq: bigint;
  readonly type: WebhookType;
  readonly sale_id: string;
  readonly at: bigint;
  readonly body: string;
}

const DELIVERIES = `SELECT webhook_delivery.*, seq, type, sale_id, at, body
  FROM webhook_delivery JOIN webhook_event ON webhook_event.id = event_id`;

/** Messages about sales, and where they are on their way. */
export class WebhookStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** How far the event log was told; null where nobody is told anything. */
  cursor(): number | null {
    const row = this.statements.one<{ readonly seq: bigint }>("SELECT seq FROM webhook_cursor");
    return row === undefined ? null : Number(row.seq);
  }

  moveCursor(seq: number): void {
    this.statements.run("INSERT OR REPLACE INTO webhook_cursor (id, seq) VALUES (1, ?)", seq);
  }

  /** From now on, or to nobody. */
  begin(isTold: boolean): void {
    if (!isTold) this.statements.run("DELETE FROM webhook_cursor");
    else if (this.cursor() === null) this.moveCursor(this.events.head().seq);
  }

  /** Entries of the log behind a place that may have changed a sale, and how far was looked. */
  changes(after: number, limit: number): { readonly changes: readonly LoggedChange[]; readonly upTo: number } {
    const upTo = Math.min(after + limit, this.events.head().seq);
    const rows = this.statements.many<ChangeRow>(
      `SELECT seq, at, iif(kind = 'cancellation', 'reversal', kind) AS kind, subject, state, json_extract(body, '$.code') AS code,
         EXISTS (SELECT 1 FROM event AS earlier WHERE earlier.kind = event.kind AND earlier.subject = event.subject
           AND earlier.state = event.state AND earlier.seq < event.seq) AS is_repeated,
         EXISTS (SELECT 1 FROM event AS earlier WHERE earlier.kind = 'tap' AND earlier.subject = event.subject
           AND earlier.state IN ('refused', 'expired') AND earlier.seq < event.seq) AS was_ended
       FROM event WHERE seq > ? AND seq <= ? AND kind IN ('tap', 'cancellation', 'refund') ORDER BY seq`,
      ...[after, upTo],
    );
    const changes = rows.map(({ seq, at, kind, subject, state, code, ...row }) => ({
      ...{ seq: Number(seq), at: Number(at), kind, subject, state, code, isRepeated: row.is_repeated === 1n },
      wasEnded: row.was_ended === 1n,
    }));
    return { changes, upTo };
  }

  /** Keeps a message with its ways, within the caller's transaction. */
  add(message: WebhookMessage, endpoints: readonly string[]): void {
    const { id, seq, type, saleId, at, body } = message;
    this.statements.run(
      "INSERT INTO webhook_event (id, seq, type, sale_id, at, body) VALUES (?, ?, ?, ?, ?, ?)",
      ...[id, seq, type, saleId, at, body],
    );
    for (const endpoint of endpoints)
      this.statements.run(
        "INSERT INTO webhook_delivery (event_id, endpoint, state, attempts, next_at) VALUES (?, ?, 'waiting', 0, ?)",
        ...[id, endpoint, at],
      );
  }

  /** Drops the oldest messages above the bound. */
  prune(): void {
    this.statements.run(
      "DELETE FROM webhook_event WHERE seq <= (SELECT seq FROM webhook_event ORDER BY seq DESC LIMIT 1 OFFSET ?)",
      MAX_KEPT_WEBHOOKS,
    );
  }

  /** What is due to an endpoint, those that wait longest first. */
  due(endpoint: string, now: number, limit: number): readonly WebhookDelivery[] {
    return this.many(
      `${DELIVERIES} WHERE endpoint = ? AND state = 'waiting' AND next_at <= ? ORDER BY next_at, webhook_delivery.id LIMIT ?`,
      ...[endpoint, now, limit],
    );
  }

  record({ id, state, nextAt, lastCode, lastStatus }: WebhookTry, now: number): void {
    this.statements.run(
      `UPDATE webhook_delivery SET state = ?, attempts = attempts + 1, next_at = ?, last_at = ?, last_code = ?, last_status = ?
       WHERE id = ?`,
      ...[state, nextAt, now, lastCode, lastStatus, id],
    );
  }

  /** It is tried again from the beginning. */
  redeliver(id: number, now: number): void {
    this.statements.run(
      "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, next_at = ? WHERE id = ?",
      ...[now, id],
    );
  }

  byId(id: number): WebhookDelivery | null {
    const [delivery] = this.many(`${DELIVERIES} WHERE webhook_delivery.id = ?`, id);
    return delivery ?? null;
  }

  /** Newest first. */
  page({ endpoint, state, below, limit }: DeliveryQuery): readonly WebhookDelivery[] {
    return this.many(
      `${DELIVERIES} WHERE endpoint = coalesce(?, endpoint) AND state = coalesce(?, state)
         AND webhook_delivery.id < coalesce(?, webhook_delivery.id + 1) ORDER BY webhook_delivery.id DESC LIMIT ?`,
      ...[endpoint, state, below, limit],
    );
  }

  counts(endpoint: string): WebhookCounts {
    const row = this.statements.one<{
      readonly waiting: bigint | null;
      readonly failed: bigint | null;
      readonly last: bigint | null;
    }>(
      `SELECT sum(state = 'waiting') AS waiting, sum(state = 'failed') AS failed,
         max(iif(state = 'delivered', last_at, NULL)) AS last FROM webhook_delivery WHERE endpoint = ?`,
      endpoint,
    );
    const last = row?.last ?? null;
    return {
      waiting: Number(row?.waiting ?? 0n),
      failed: Number(row?.failed ?? 0n),
      lastDeliveredAt: last === null ? null : Number(last),
    };
  }

  /** Seconds: since when an endpoint that wants no more is told nothing; null where it is told. */
  disabledAt(endpoint: string, url: string): number | null {
    const row = this.statements.one<{ readonly at: bigint }>(
      "SELECT at FROM webhook_disabled WHERE endpoint = ? AND url = ?",
      ...[endpoint, url],
    );
    return row === undefined ? null : Number(row.at);
  }

  disable(endpoint: string, url: string, now: number): void {
    this.statements.run(
      "INSERT OR REPLACE INTO webhook_disabled (endpoint, url, at) VALUES (?, ?, ?)",
      endpoint,
      url,
      now,
    );
  }

  enable(endpoint: string): void {
    this.statements.run("DELETE FROM webhook_disabled WHERE endpoint = ?", endpoint);
  }

  private many(sql: string, ...values: readonly SqlValue[]): readonly WebhookDelivery[] {
    return this.statements.many<DeliveryRow>(sql, ...values).map(deliveryOf);
  }
}

function deliveryOf(row: DeliveryRow): WebhookDelivery {
  const number = (value: bigint | null): number | null => (value === null ? null : Number(value));
  const { event_id: id, seq, type, sale_id: saleId, at, body } = row;
  return {
    ...{ id: Number(row.id), endpoint: row.endpoint, state: row.state, attempts: Number(row.attempts) },
    message: { id, seq: Number(seq), type, saleId, at: Number(at), body },
    ...{ nextAt: number(row.next_at), lastAt: number(row.last_at) },
    ...{ lastCode: row.last_code, lastStatus: number(row.last_status) },
  };
}
