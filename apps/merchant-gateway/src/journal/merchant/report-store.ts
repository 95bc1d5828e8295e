import { createHash } from "node:crypto";
import { toHex } from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { EventLog, LogHead } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";
import { REPORT_ENTRIES } from "./report-entries.ts";

/** Entries of the event log that a report covers: those above `fromSeq` up to `toSeq`. */
export interface ReportPeriod {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** A period that was closed. */
export interface ReportRecord extends ReportPeriod {
  readonly number: number;
  /** The log's link at `toSeq`, 32 bytes. */
  readonly head: Uint8Array;
  /** Seconds. */
  readonly closedAt: number;
  /** The report as it was shown, JSON. */
  readonly body: string;
}

/** What moved money at this terminal; each is an entry of the event log. */
export type ReportEntryType = "payment" | "reversal" | "refund" | "refund-refused";

/** One entry, or many of one kind together. */
export interface ReportGroup {
  readonly type: ReportEntryType | "unresolved";
  readonly domainBytes: Uint8Array;
  readonly currency: string | null;
  readonly decimals: number | null;
  readonly cashier: string | null;
  readonly lane: string;
  readonly count: number;
  /** Units. */
  readonly sum: bigint;
}

export interface ReportEntry {
  readonly seq: number;
  readonly at: number;
  readonly type: ReportEntryType;
  readonly domainBytes: Uint8Array;
  readonly currency: string | null;
  readonly decimals: number | null;
  readonly cashier: string | null;
  readonly lane: string;
  readonly reference: string | null;
  readonly saleId: string;
  readonly tapId: string;
  readonly refundId: string | null;
  readonly cardKey: Uint8Array | null;
  readonly voucherId: Uint8Array | null;
  /** Units. */
  readonly amount: bigint;
}

interface GroupRow {
  readonly type: ReportGroup["type"];
  readonly domain: Uint8Array;
  readonly currency: string | null;
  readonly decimals: bigint | null;
  readonly cashier: string | null;
  readonly lane: string;
  readonly count: bigint;
  readonly sum: bigint;
}

interface EntryRow extends Omit<GroupRow, "type" | "count" | "sum"> {
  readonly type: ReportEntryType;
  readonly seq: bigint;
  readonly at: bigint;
  readonly reference: string | null;
  readonly sale_id: string;
  readonly tap_id: string;
  readonly refund_id: string | null;
  readonly card_key: Uint8Array | null;
  readonly voucher_id: Uint8Array | null;
  readonly amount: bigint;
}

interface ReportRow {
  readonly number: bigint;
  readonly from_seq: bigint;
  readonly to_seq: bigint;
  readonly head: Uint8Array;
  readonly closed_at: bigint;
  readonly body: string;
}

/** Closed periods, and what moved money in any. */
export class ReportStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Where the event log ends now. */
  head(): LogHead {
    return this.events.head();
  }

  /** Closes a period within the caller's transaction. */
  close(report: ReportRecord): void {
    const { number, fromSeq, toSeq, head, closedAt, body } = report;
    this.statements.run(
      "INSERT INTO report (number, from_seq, to_seq, head, closed_at, body) VALUES (?, ?, ?, ?, ?, ?)",
      ...[number, fromSeq, toSeq, head, closedAt, body],
    );
    const digest = createHash("sha256").update(body).digest("hex");
    const details = { fromSeq, toSeq, head: toHex(head), body: digest };
    this.events.append({ at: closedAt, kind: "report", subject: String(number), state: "closed", details });
  }

  last(): ReportRecord | null {
    const [report] = this.page(1, null);
    return report ?? null;
  }

  byNumber(number: number): ReportRecord | null {
    const row = this.statements.one<ReportRow>("SELECT * FROM report WHERE number = ?", number);
    return row === undefined ? null : reportOf(row);
  }

  /** Newest first; those below a number where one is given. */
  page(limit: number, below: number | null): readonly ReportRecord[] {
    return this.statements
      .many<ReportRow>(
        "SELECT * FROM report WHERE number < coalesce(?, number + 1) ORDER BY number DESC LIMIT ?",
        below,
        limit,
      )
      .map(reportOf);
  }

  /** What moved money in a period, by currency, cashier and lane. */
  groups({ fromSeq, toSeq }: ReportPeriod): readonly ReportGroup[] {
    return this.statements
      .many<GroupRow>(
        `SELECT type, domain, currency, decimals, cashier, lane, count(*) AS count, sum(amount) AS sum FROM (${REPORT_ENTRIES})
         GROUP BY type, domain, currency, decimals, cashier, lane ORDER BY currency, cashier, lane, domain, type`,
        ...periods({ fromSeq, toSeq }, toSeq),
      )
      .map(groupOf);
  }

  /** Payments of which nobody knows now whether they were paid, likewise. */
  unresolved(): readonly ReportGroup[] {
    return this.statements
      .many<GroupRow>(
        `SELECT 'unresolved' AS type, tap.domain, sale.currency, sale.decimals, sale.cashier, tap.lane,
           count(*) AS count, sum(tap.amount) AS sum
         FROM tap LEFT JOIN sale ON sale.id = tap.sale_id WHERE tap.state IN ('intent', 'unresolved')
         GROUP BY tap.domain, sale.currency, sale.decimals, sale.cashier, tap.lane ORDER BY 3, 5, 6, 2`,
      )
      .map(groupOf);
  }

  /** What moved money in a part of a period, in the order of the log. */
  entries({ toSeq }: ReportPeriod, part: ReportPeriod): readonly ReportEntry[] {
    return this.statements
      .many<EntryRow>(`SELECT * FROM (${REPORT_ENTRIES}) ORDER BY seq`, ...periods(part, toSeq))
      .map((row) => ({
        ...{ seq: Number(row.seq), at: Number(row.at), type: row.type, ...placeOf(row), reference: row.reference },
        ...{ saleId: row.sale_id, tapId: row.tap_id, refundId: row.refund_id, amount: row.amount },
        cardKey: row.card_key === null ? null : plain(row.card_key),
        voucherId: row.voucher_id === null ? null : plain(row.voucher_id),
      }));
  }
}

/** A part once for each kind of entry, and the end of its period. */
function periods({ fromSeq, toSeq }: ReportPeriod, end: number): readonly number[] {
  return [fromSeq, toSeq, fromSeq, toSeq, fromSeq, toSeq, end];
}

function placeOf({ domain, currency, decimals, cashier, lane }: Omit<GroupRow, "type" | "count" | "sum">) {
  return {
    ...{ domainBytes: plain(domain), currency, cashier, lane },
    decimals: decimals === null ? null : Number(decimals),
  };
}

function groupOf(row: GroupRow): ReportGroup {
  return { type: row.type, ...placeOf(row), count: Number(row.count), sum: row.sum };
}

function reportOf(row: ReportRow): ReportRecord {
  return {
    ...{ number: Number(row.number), fromSeq: Number(row.from_seq), toSeq: Number(row.to_seq) },
    ...{ head: plain(row.head), closedAt: Number(row.closed_at), body: row.body },
  };
}
