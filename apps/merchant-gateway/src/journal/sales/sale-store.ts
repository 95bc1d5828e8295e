import type { EventLog } from "../events/event-log.ts";
import type { SqlValue, Statements } from "../events/statements.ts";

/** What a cashier asked to be paid (spec §5.11). */
export interface SaleTerms {
  /** Chosen by the caller: a sale is paid once under one id. */
  readonly id: string;
  /** Asset code. */
  readonly currency: string;
  /** Decimals of the amounts that people see. */
  readonly decimals: number;
  /** Units. */
  readonly amount: bigint;
  readonly cashier: string | null;
  /** The merchant's own number of it, such as a receipt's. */
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where it was asked for; another lane may go on with it. */
  readonly lane: string;
}

/** A sale as the journal has it. */
export interface SaleRecord extends SaleTerms {
  /** Seconds. */
  readonly createdAt: number;
}

/** Which sales are asked for; times in seconds, `from` in it and `to` not. */
export interface SaleQuery {
  readonly from: number | null;
  readonly to: number | null;
  readonly cashier: string | null;
  /** The lane that tried it last. */
  readonly lane?: string | null;
  /** Id of a sale: lists what is older. */
  readonly before: string | null;
  readonly limit: number;
}

interface SaleRow {
  readonly id: string;
  readonly currency: string;
  readonly decimals: bigint;
  readonly amount: bigint;
  readonly cashier: string | null;
  readonly reference: string | null;
  readonly metadata: string;
  readonly lane: string;
  readonly created_at: bigint;
}

/** Where a sale was tried last: at the lane of the tap that paid it, else of its newest; where it was asked for, else. */
const LANE_OF = `coalesce((SELECT lane FROM tap WHERE sale_id = sale.id
  ORDER BY state = 'accepted' DESC, created_at DESC, rowid DESC LIMIT 1), lane)`;

/** Sales, each written once. */
export class SaleStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Records a sale within the caller's transaction; who asked for it enters the log. */
  add(terms: SaleTerms, now: number): void {
    const { id, currency, decimals, amount, cashier, reference, metadata, lane } = terms;
    this.statements.run(
      "INSERT INTO sale (id, currency, decimals, amount, cashier, reference, metadata, lane, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ...[id, currency, decimals, amount, cashier, reference, JSON.stringify(metadata), lane, now],
    );
    const details = { currency, amount: String(amount), cashier, reference, lane };
    this.events.append({ at: now, kind: "sale", subject: id, state: "asked", details });
  }

  byId(id: string): SaleRecord | null {
    const row = this.statements.one<SaleRow>("SELECT * FROM sale WHERE id = ?", id);
    return row === undefined ? null : saleOf(row);
  }

  /** Sales, newest first. */
  page({ from, to, cashier, lane = null, before, limit }: SaleQuery): readonly SaleRecord[] {
    const conditions: string[] = [];
    const values: SqlValue[] = [];
    const where = (condition: string, ...given: readonly SqlValue[]): void => {
      conditions.push(condition);
      values.push(...given);
    };
    if (from !== null) where("created_at >= ?", from);
    if (to !== null) where("created_at < ?", to);
    if (cashier !== null) where("cashier = ?", cashier);
    if (lane !== null) where(`${LANE_OF} = ?`, lane);
    if (before !== null) where("(created_at, rowid) < (SELECT created_at, rowid FROM sale WHERE id = ?)", before);
    const filter = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
    return this.statements
      .many<SaleRow>(`SELECT * FROM sale ${filter} ORDER BY created_at DESC, rowid DESC LIMIT ?`, ...values, limit)
      .map(saleOf);
  }
}

function saleOf(row: SaleRow): SaleRecord {
  const { id, currency, amount, cashier, reference, lane } = row;
  return {
    ...{ id, currency, amount, cashier, reference, lane },
    decimals: Number(row.decimals),
    // Written by `add` alone, from a record of texts.
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    createdAt: Number(row.created_at),
  };
}
