import type { SqlValue, Statements } from "../events/statements.ts";
import { MAX_NAMED_TRANSACTIONS, MAX_READ_FOR_TRANSACTIONS } from "./limits.ts";

/** Where a payment's money is. */
export type MoneyStage = "terminal" | "received" | "batch" | "vault" | "paid-out" | "attention";

/** Who says that it is there. */
export type MoneySource = "terminal" | "settlement" | "chain";

/** Payments at one stage; amounts in units, times of payments in seconds. */
export interface MoneySum {
  readonly count: number;
  readonly sum: bigint;
  /** Null where there are none. */
  readonly oldest: number | null;
  readonly newest: number | null;
}

/** Payments that one transaction carries. */
export interface MoneyTransaction {
  readonly tx: string;
  /** The final block that it stands in; null where none was seen. */
  readonly block: bigint | null;
  readonly count: number;
  readonly sum: bigint;
}

/** Uploads of which settlement gave its signed receipt. */
export interface MoneyReceipt {
  readonly uploadSeq: number;
  readonly receivedAt: number;
  readonly count: number;
  readonly sum: bigint;
}

interface SumRow {
  readonly count: bigint;
  readonly sum: bigint | null;
  readonly oldest: bigint | null;
  readonly newest: bigint | null;
}

export const noMoney: MoneySum = { count: 0, sum: 0n, oldest: null, newest: null };

/** Payments that no final block shows at their end; what was reversed is none. */
const OPEN = "domain = ? AND delivery <> 'final' AND cancelled = 0";

/** Stage and source of such a payment. What settlement gave back is nobody's here any more. */
const PLACE = `CASE
  WHEN delivery = 'disputed' OR rival_tx IS NOT NULL OR settlement_state IN ('forked', 'withheld', 'compensating') THEN 'attention settlement'
  WHEN reported = 'final' AND settlement_state IN ('refunded', 'released') THEN 'back settlement'
  WHEN reported = 'final' AND settlement_state = 'compensated' THEN 'paid-out settlement'
  WHEN reported = 'final' THEN 'vault settlement'
  WHEN claim_tx IS NOT NULL THEN 'batch terminal'
  WHEN batch IS NOT NULL OR settlement_state IN ('batched', 'mined') THEN 'batch settlement'
  WHEN delivery = 'taken' OR receipted = 1 THEN 'received settlement'
  ELSE 'terminal terminal' END`;

/** What the vouchers of a journal come to, by where their money is. */
export class MoneyStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** Payments that are not final, by stage and source such as `batch settlement`. */
  open(domainBytes: Uint8Array): ReadonlyMap<string, MoneySum> {
    const rows = this.statements.many<SumRow & { readonly place: string }>(
      `SELECT ${PLACE} AS place, count(*) AS count, sum(amount) AS sum, min(request_time) AS oldest, max(request_time) AS newest
       FROM voucher WHERE ${OPEN} GROUP BY place`,
      domainBytes,
    );
    return new Map(rows.map((row) => [row.place, sumOf(row)]));
  }

  /** All payments that final blocks show at this end. */
  ended(domainBytes: Uint8Array, outcome: "paid" | "compensated"): MoneySum {
    const row = this.statements.one<SumRow>(
      "SELECT count, sum, oldest, newest FROM end_total WHERE domain = ? AND outcome = ?",
      ...[domainBytes, outcome],
    );
    return row === undefined ? noMoney : sumOf(row);
  }

  /** Payments that the vault paid in blocks above this one; all of them where it is null. */
  paidAfter(domainBytes: Uint8Array, block: bigint | null): MoneySum {
    const row = this.statements.one<SumRow>(
      `SELECT count(*) AS count, sum(amount) AS sum, min(request_time) AS oldest, max(request_time) AS newest
       FROM voucher INDEXED BY voucher_paid WHERE domain = ? AND outcome = 'paid' AND outcome_block > coalesce(?, -1)`,
      ...[domainBytes, block],
    );
    return row === undefined ? noMoney : sumOf(row);
  }

  /** The newest payment that the vault paid up to this block, as far as the newest blocks tell. */
  newestUpTo(domainBytes: Uint8Array, block: bigint | null): number | null {
    const row = this.statements.one<{ readonly newest: bigint | null }>(
      `SELECT max(request_time) AS newest FROM (SELECT request_time FROM voucher INDEXED BY voucher_paid
       WHERE domain = ? AND outcome = 'paid' AND outcome_block <= ? ORDER BY outcome_block DESC LIMIT ?)`,
      ...[domainBytes, block, MAX_READ_FOR_TRANSACTIONS],
    );
    return row?.newest == null ? null : Number(row.newest);
  }

  /** Transactions that carry payments of a stage that is not final, those of the newest payments first. */
  openTransactions(domainBytes: Uint8Array, place: string): readonly MoneyTransaction[] {
    return this.transactions(
      `SELECT coalesce(claim_tx, tx) AS tx, NULL AS block, count(*) AS count, sum(amount) AS sum FROM voucher
       WHERE ${OPEN} AND coalesce(claim_tx, tx) IS NOT NULL AND ${PLACE} = ?
       GROUP BY coalesce(claim_tx, tx) ORDER BY max(request_time) DESC LIMIT ?`,
      ...[domainBytes, place, MAX_NAMED_TRANSACTIONS],
    );
  }

  /** Transactions by which the vault paid in blocks above one, up to another; newest first. Null is no bound. */
  paidTransactions(
    domainBytes: Uint8Array,
    { above, upTo }: { readonly above: bigint | null; readonly upTo: bigint | null },
  ): readonly MoneyTransaction[] {
    return this.transactions(
      `SELECT tx, block, count(*) AS count, sum(amount) AS sum FROM (
         SELECT outcome_tx AS tx, outcome_block AS block, amount FROM voucher INDEXED BY voucher_paid
         WHERE domain = ? AND outcome = 'paid' AND outcome_block > coalesce(?, -1) AND outcome_block <= coalesce(?, outcome_block)
         ORDER BY outcome_block DESC LIMIT ?)
       GROUP BY tx, block ORDER BY block DESC LIMIT ?`,
      ...[domainBytes, above, upTo, MAX_READ_FOR_TRANSACTIONS, MAX_NAMED_TRANSACTIONS],
    );
  }

  /** Request time of the oldest payment that this terminal may still have to claim, by whether its upload arrived. */
  oldestToClaim(domainBytes: Uint8Array, receipted: boolean): number | null {
    const row = this.statements.one<{ readonly oldest: bigint | null }>(
      `SELECT min(request_time) AS oldest FROM voucher INDEXED BY voucher_to_claim WHERE domain = ? AND receipted = ?
         AND delivery <> 'final' AND cancelled = 0 AND claim_tx IS NULL AND rival_tx IS NULL`,
      ...[domainBytes, receipted ? 1 : 0],
    );
    return row?.oldest == null ? null : Number(row.oldest);
  }

  /** Receipts of uploads with payments that settlement has and has put into no batch, newest first. */
  receipts(domainBytes: Uint8Array): readonly MoneyReceipt[] {
    return this.statements
      .many<{ readonly seq: bigint; readonly at: bigint; readonly count: bigint; readonly sum: bigint }>(
        `SELECT upload_seq AS seq, received_at AS at, count(*) AS count, sum(amount) AS sum FROM voucher
         JOIN receipt ON receipt.domain = voucher.domain AND receipt.seq = voucher.upload_seq
         WHERE voucher.${OPEN} AND ${PLACE} = 'received settlement' GROUP BY upload_seq ORDER BY upload_seq DESC LIMIT ?`,
        ...[domainBytes, MAX_NAMED_TRANSACTIONS],
      )
      .map(({ seq, at, count, sum }) => ({
        ...{ uploadSeq: Number(seq), receivedAt: Number(at), count: Number(count), sum },
      }));
  }

  private transactions(sql: string, ...values: readonly SqlValue[]): readonly MoneyTransaction[] {
    return this.statements
      .many<{ readonly tx: string; readonly block: bigint | null; readonly count: bigint; readonly sum: bigint }>(
        sql,
        ...values,
      )
      .map(({ tx, block, count, sum }) => ({ tx, block, count: Number(count), sum }));
  }
}

function sumOf({ count, sum, oldest, newest }: SumRow): MoneySum {
  const time = (value: bigint | null): number | null => (value === null ? null : Number(value));
  return { count: Number(count), sum: sum ?? 0n, oldest: time(oldest), newest: time(newest) };
}
