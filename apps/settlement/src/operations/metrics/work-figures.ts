import { Inject, Injectable } from "@nestjs/common";
import { sql } from "kysely";
import { SUM_AGE_MS } from "../../chain/money/money-sums.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { paidTwice } from "../../vouchers/forks/paid-twice.ts";
import { HELD_STATES } from "../../vouchers/states/voucher-states.ts";
import { withheldSince } from "../../vouchers/withheld/withheld-views.ts";

/** What waits in this service, as PostgreSQL has it; money in units. */
export interface WorkFigures {
  /** By state, without those that were paid. */
  readonly vouchers: ReadonlyMap<string, number>;
  readonly actions: ReadonlyMap<string, number>;
  readonly anomalies: ReadonlyMap<string, number>;
  /** Wake-up calls that no queue was given yet. */
  readonly outbox: number;
  /** Age of the oldest voucher that waits for a batch; 0 when none does. */
  readonly oldestUnbatchedSeconds: number;
  /** Vouchers that were taken and are neither paid nor given up. */
  readonly unfinalUnits: bigint;
  /** The part of them that the issuer owes. */
  readonly issuerOwesUnits: bigint;
  /** Reversed vouchers that their payees have to release or refund. */
  readonly owedReturns: number;
  /** Vouchers that the issuer owes and a person decides about. */
  readonly withheldUnits: bigint;
  /** Age of the oldest of them; 0 when none is withheld. */
  readonly oldestWithheldSeconds: number;
  /** Units of vouchers that the vault and the issuer have both paid. */
  readonly paidTwiceUnits: bigint;
  /** Seconds since the last final block whose events are recorded; null before the first. */
  readonly chainAgeSeconds: number | null;
  /**
   * Seconds since the vault was summed last, and to a time that the database's clock has not
   * reached; null before the first try.
   */
  readonly sumAgeSeconds: number | null;
}

@Injectable()
export class WorkFigureReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async read(): Promise<WorkFigures> {
    const [vouchers, actions, anomalies, single] = await Promise.all([
      // The paid ones are nearly all and only grow: counting them would read the whole table at
      // every scrape.
      this.counts(
        sql`select state as name, count(*)::text as count from vouchers
          where state not in ('final', 'compensated') group by state`,
      ),
      this.counts(sql`select state as name, count(*)::text as count from chain_actions group by state`),
      this.counts(sql`select kind as name, count(*)::text as count from anomalies group by kind`),
      this.single(),
    ]);
    const nowSeconds = this.clock.now() / 1_000;
    const ageOf = (seconds: string | null): number | null =>
      seconds === null ? null : Math.max(0, nowSeconds - Number(seconds));
    return {
      ...{ vouchers, actions, anomalies },
      outbox: Number(single.outbox),
      oldestUnbatchedSeconds: ageOf(single.oldest) ?? 0,
      unfinalUnits: BigInt(single.unfinal),
      issuerOwesUnits: BigInt(single.issuer_owes),
      owedReturns: Number(single.owed),
      withheldUnits: BigInt(single.withheld),
      oldestWithheldSeconds: ageOf(single.oldest_withheld) ?? 0,
      paidTwiceUnits: await paidTwice(this.db),
      chainAgeSeconds: ageOf(single.block_time),
      sumAgeSeconds: single.sum_age === null ? null : Number(single.sum_age),
    };
  }

  private async counts(query: ReturnType<typeof sql>): Promise<ReadonlyMap<string, number>> {
    const { rows } = await (query as ReturnType<typeof sql<{ name: string; count: string }>>).execute(this.db);
    return new Map(rows.map(({ name, count }) => [name, Number(count)]));
  }

  private async single() {
    const { rows } = await sql<{
      outbox: string;
      oldest: string | null;
      unfinal: string;
      issuer_owes: string;
      owed: string;
      withheld: string;
      oldest_withheld: string | null;
      block_time: string | null;
      sum_age: string | null;
    }>`
      select (select count(*) from outbox)::text as outbox,
        (select extract(epoch from min(received_at)) from vouchers where state = 'received')::text as oldest,
        (select coalesce(sum(amount_units), 0) from vouchers
          where state = any (${[...HELD_STATES]}::text[]))::text as unfinal,
        (select coalesce(sum(amount_units), 0) from vouchers
          where owed_since is not null and state = any (${[...HELD_STATES]}::text[]))::text as issuer_owes,
        (select count(*) from vouchers v join cancellations c on c.request = v.request and c.card_key = v.card_key
          where v.state in ('cancelled', 'final', 'compensated'))::text as owed,
        (select coalesce(sum(amount_units), 0) from vouchers where state = 'withheld')::text as withheld,
        (select extract(epoch from min(${withheldSince})) from vouchers
          where state = 'withheld')::text as oldest_withheld,
        (select block_time from chain_cursor)::text as block_time,
        (select abs(${SUM_AGE_MS}) / 1000 from money_sums)::text as sum_age`.execute(this.db);
    const [row] = rows;
    if (row === undefined) throw new Error("The database answered no row.");
    return row;
  }
}
