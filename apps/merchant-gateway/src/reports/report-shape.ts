/** Payments of one kind together; the sum is a decimal string. */
export interface ReportCount {
  readonly count: number;
  readonly sum: string;
}

/** What came of one currency, or of one cashier and lane in it. */
export interface ReportSums {
  readonly payments: ReportCount;
  readonly reversals: ReportCount;
  readonly refunds: ReportCount;
  /** Refunds that were counted before and came to nothing. */
  readonly refundsRefused: ReportCount;
  /** Payments less what was given back; below zero where that was more. */
  readonly net: string;
  /** Nobody knows whether they are paid, when the report was made; in no other sum. */
  readonly unresolved: ReportCount;
}

/** Sums of one currency. */
export interface ReportTotal extends ReportSums {
  readonly currency: string;
}

/** Sums of one cashier and lane. */
export interface ReportLine extends ReportTotal {
  readonly cashier: string | null;
  readonly lane: string;
}

/** X: what has come since the last Z. Z: the same, and the period is closed. */
export interface Report {
  readonly kind: "x" | "z";
  /** Of a Z its own; of an X what the next Z will have. */
  readonly number: number;
  readonly terminalId: string;
  readonly payee: string;
  /** Entries of the journal's log that it covers: those above `fromSeq`, up to `toSeq`. */
  readonly fromSeq: number;
  readonly toSeq: number;
  /** The log's link at `toSeq`. */
  readonly head: string;
  /** Seconds: when the period before was closed; null for the first. */
  readonly since: number | null;
  /** Seconds: when it was made. */
  readonly at: number;
  /** Who asked for it. */
  readonly by: string | null;
  readonly totals: readonly ReportTotal[];
  readonly lines: readonly ReportLine[];
}
