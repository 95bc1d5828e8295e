import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../../foundation/clock.ts";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { DAY_MS } from "../../../foundation/limits/limits.ts";
import { SharedRead } from "../../../foundation/shared-read.ts";
import {
  CHART_BATCH_VOUCHERS,
  CHART_BATCHES,
  CHART_DAYS,
  CHART_VOUCHERS,
  CHARTS_FRESH_MS,
  HOUR_MS,
  PAGE_WAIT_MS,
} from "../limits.ts";
import { gasPerVoucher, newestBatchGas } from "../../../vouchers/fees/batch-gas.ts";
import { spanText } from "../view/ages.ts";
import type { Chart } from "../view/bar-chart.tsx";

/** States as the chart of arrivals groups them, from the bottom up. */
const groups: Readonly<Record<string, string>> = {
  final: "paid",
  compensated: "paid",
  received: "on the way",
  batched: "on the way",
  compensating: "on the way",
  skipped: "stuck",
  forked: "stuck",
  withheld: "stuck",
};
const GROUPS = ["paid", "on the way", "stuck", "given back or disputed"] as const;

/** Ages of what is not final, each up to so many hours. */
const AGES = [
  ["below 1 h", 1],
  ["1 to 6 h", 6],
  ["6 to 24 h", 24],
  ["1 to 3 d", 72],
  ["3 to 7 d", 168],
  ["older", null],
] as const;

/** The four charts of the first screen; every query takes the newest rows of an index, and no more. */
@Injectable()
export class ChartReader {
  private readonly shared: SharedRead<readonly Chart[]>;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.shared = new SharedRead({ read: () => this.readAll(), rest: 1 });
  }

  /** Null while they are counted for the first time. */
  async read(): Promise<readonly Chart[] | null> {
    try {
      return (await this.shared.get({ freshMs: CHARTS_FRESH_MS, withinMs: PAGE_WAIT_MS }))?.value ?? null;
    } catch {
      return null;
    }
  }

  private async readAll(): Promise<readonly Chart[]> {
    // One after the other: a picture may not take the connections of what moves money.
    return [await this.arrivals(), await this.ages(), await this.times(), await this.gas()];
  }

  private async arrivals(): Promise<Chart> {
    const now = this.clock.now();
    const first = new Date(Math.floor(now / DAY_MS) * DAY_MS - (CHART_DAYS - 1) * DAY_MS);
    const { rows } = await sql<{ day: string; state: string; count: number }>`
      select to_char(received_at at time zone 'UTC', 'YYYY-MM-DD') as day, state, count(*)::int as count from (
        select received_at, state from vouchers where received_at >= ${first}
        order by received_at desc limit ${CHART_VOUCHERS}) v
      group by 1, 2`.execute(this.db);
    const labels = Array.from({ length: CHART_DAYS }, (_, index) =>
      new Date(first.getTime() + index * DAY_MS).toISOString().slice(0, "2026-11-21".length),
    );
    const series = GROUPS.map((name) => ({
      name,
      values: labels.map((label) =>
        rows
          .filter(({ day, state }) => day === label && (groups[state] ?? "given back or disputed") === name)
          .reduce((sum, { count }) => sum + count, 0),
      ),
    }));
    const total = rows.reduce((sum, { count }) => sum + count, 0);
    const cut = total >= CHART_VOUCHERS ? " The newest of them alone are counted." : "";
    return {
      title: "Vouchers by day of arrival and state",
      summary: `${total} vouchers arrived in ${CHART_DAYS} days; each bar is a day.${cut}`,
      ...{ labels, series, text: String },
    };
  }

  private async ages(): Promise<Chart> {
    const now = new Date(this.clock.now());
    const bounds = AGES.flatMap(([, hours]) => hours ?? []);
    const { rows } = await sql<{ place: number; units: string }>`
      select width_bucket(hours::float8, ${bounds}::float8[]) as place, sum(amount_units)::text as units from (
        select amount_units, extract(epoch from (${now}::timestamptz - received_at)) * 1000 / ${HOUR_MS}::int as hours
        from vouchers where state in ('received', 'batched', 'skipped', 'forked', 'withheld', 'compensating')
        limit ${CHART_VOUCHERS}) v
      group by 1`.execute(this.db);
    const sums = AGES.map(() => 0n);
    for (const { place, units } of rows) sums[place] = (sums[place] ?? 0n) + BigInt(units);
    const total = sums.reduce((sum, units) => sum + units, 0n);
    return {
      title: "Value that is not final, by age",
      summary:
        total === 0n ? "Everything that arrived is decided." : `${this.amount(total)} has no final decision yet.`,
      labels: AGES.map(([name]) => name),
      // A picture may be a unit off; what is told is exact where it matters, in the books.
      series: [{ name: "amount", values: sums.map(Number) }],
      text: (value) => this.amount(BigInt(Math.round(value))),
    };
  }

  private async times(): Promise<Chart> {
    const { rows } = await sql<{ at: Date; ms: number }>`
      with newest as (
        select b.id, b.created_at, a.changed_at from batches b join chain_actions a on a.id = b.action_id
        where b.state = 'final' order by b.created_at desc limit ${CHART_BATCHES})
      select n.created_at as at, avg(extract(epoch from (n.changed_at - v.received_at)) * 1000)::float8 as ms
      from newest n join lateral (
        select received_at from vouchers where batch_id = n.id limit ${CHART_BATCH_VOUCHERS / CHART_BATCHES}) v on true
      group by n.id, n.created_at order by n.created_at`.execute(this.db);
    const mean = rows.reduce((sum, { ms }) => sum + ms, 0) / Math.max(1, rows.length);
    return {
      title: "Time from arrival to final",
      summary:
        rows.length === 0
          ? "No batch is final yet."
          : `${spanText(mean)} on average in the last ${rows.length} batches.`,
      labels: rows.map(({ at }) => minuteOf(at)),
      series: [{ name: "mean time", values: rows.map(({ ms }) => Math.max(0, ms)) }],
      text: spanText,
    };
  }

  private async gas(): Promise<Chart> {
    const batches = (await newestBatchGas(this.db, CHART_BATCHES)).toReversed();
    const mean = gasPerVoucher(batches);
    return {
      title: "Gas a voucher",
      summary:
        mean === null
          ? "No batch's fee is booked yet."
          : `${Math.round(mean)} gas a voucher on average, as booked, in the last ${batches.length} batches.`,
      labels: batches.map(({ at }) => minuteOf(at)),
      series: [{ name: "gas a voucher", values: batches.map(({ gasUsed, vouchers }) => Number(gasUsed) / vouchers) }],
      text: (value) => String(Math.round(value)),
    };
  }

  private amount(units: bigint): string {
    return `${formatTotal(units, this.asset)} ${this.asset.code}`;
  }
}

function minuteOf(at: Date): string {
  return at.toISOString().slice("2026-".length, "2026-11-21T09:00:00".length).replace("T", " ");
}
