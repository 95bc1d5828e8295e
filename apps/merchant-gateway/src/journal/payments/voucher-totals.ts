import { JournalError } from "../events/journal-error.ts";
import type { Statements } from "../events/statements.ts";

/** The running totals of one domain's vouchers; amounts in units. */
interface DomainTotals {
  readonly unsent_count: bigint;
  readonly unsent_sum: bigint;
  readonly software_sum: bigint;
}

const nothing: DomainTotals = { unsent_count: 0n, unsent_sum: 0n, software_sum: 0n };

/**
 * What all vouchers come to: SQLite keeps it in the transaction of every change, so that a decision
 * costs the same however many vouchers are not final.
 */
export class VoucherTotals {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  of(domainBytes: Uint8Array): DomainTotals {
    return (
      this.statements.one<DomainTotals>(
        "SELECT unsent_count, unsent_sum, software_sum FROM voucher_total WHERE domain = ?",
        domainBytes,
      ) ?? nothing
    );
  }

  openOfCard(domainBytes: Uint8Array, cardKey: Uint8Array): bigint {
    const row = this.statements.one<{ readonly sum: bigint }>(
      "SELECT open_sum AS sum FROM card_total WHERE card_key = ? AND domain = ?",
      ...[cardKey, domainBytes],
    );
    return row?.sum ?? 0n;
  }

  disputedCount(): number {
    const row = this.statements.one<{ readonly count: bigint }>(
      "SELECT coalesce(sum(disputed_count), 0) AS count FROM voucher_total",
    );
    return Number(row?.count ?? 0n);
  }

  /** Counts all vouchers anew; throws JOURNAL_TOTALS_DIFFER where a running total says otherwise. */
  verify(): void {
    // Tests of upgrades stop before the schema that has totals.
    if (this.statements.one("SELECT 1 FROM sqlite_schema WHERE name = 'voucher_total'") === undefined) return;
    this.assertNone(
      "a currency",
      `SELECT count(*) AS count FROM (
         SELECT domain, sum(is_unsent), sum(is_unsent * amount), sum(is_software * amount), sum(delivery = 'disputed')
         FROM voucher GROUP BY domain EXCEPT SELECT * FROM voucher_total)`,
    );
    this.assertNone(
      "a card",
      `SELECT count(*) AS count FROM (
         SELECT card_key, domain, sum(is_open * amount) FROM voucher GROUP BY card_key, domain
         EXCEPT SELECT * FROM card_total)`,
    );
    this.assertNone(
      "no voucher",
      `SELECT (SELECT count(*) FROM voucher_total) - (SELECT count(DISTINCT domain) FROM voucher)
         + (SELECT count(*) FROM card_total) - (SELECT count(*) FROM (SELECT DISTINCT card_key, domain FROM voucher)) AS count`,
    );
    this.verifyEnds();
  }

  /** The same of what final blocks show. */
  private verifyEnds(): void {
    if (this.statements.one("SELECT 1 FROM sqlite_schema WHERE name = 'end_total'") === undefined) return;
    this.assertNone(
      "an end",
      `SELECT count(*) AS count FROM (
         SELECT domain, outcome, count(*), sum(amount), min(request_time), max(request_time)
         FROM voucher WHERE outcome IS NOT NULL GROUP BY domain, outcome EXCEPT SELECT * FROM end_total)`,
    );
    this.assertNone(
      "no end",
      `SELECT (SELECT count(*) FROM end_total) -
         (SELECT count(*) FROM (SELECT DISTINCT domain, outcome FROM voucher WHERE outcome IS NOT NULL)) AS count`,
    );
  }

  private assertNone(of: string, query: string): void {
    const row = this.statements.one<{ readonly count: bigint }>(query);
    if (row?.count === 0n) return;
    throw new JournalError(
      "JOURNAL_TOTALS_DIFFER",
      `The journal's totals of ${of} differ from a recount of its vouchers.`,
    );
  }
}
