import { Inject, Injectable } from "@nestjs/common";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { SharedRead } from "../../foundation/shared-read.ts";
import { MISSING_CARDS, MISSING_FRESH_MS, MISSING_GAPS, MISSING_WAIT_MS } from "./limits.ts";

/** Payments of one card in a row that nobody has uploaded, as the voucher after them proves. */
export interface MissingRun {
  readonly card: Uint8Array;
  readonly count: number;
  /** Units. */
  readonly units: bigint;
  /** Milliseconds: when the card paid before them, and after them, by terminals' clocks. */
  readonly after: number;
  readonly before: number;
  /** When the voucher after them arrived, which proves them; milliseconds. */
  readonly foundAt: number;
}

/** How many payments, and what they are worth in units. */
export interface Missing {
  readonly count: number;
  readonly units: bigint;
  /** When the newest proof of them arrived, in milliseconds; null where there is none. */
  readonly foundAt: number | null;
}

/**
 * Missing payments that may have been made at a terminal since it was heard (milliseconds; null of one that never was):
 * the card paid once more after that.
 */
export function mayHold(heardAt: number | null, runs: readonly MissingRun[]): Missing {
  const own = heardAt === null ? [] : runs.filter(({ before }) => before >= heardAt);
  return {
    count: own.reduce((sum, { count }) => sum + count, 0),
    units: own.reduce((sum, { units }) => sum + units, 0n),
    foundAt: own.reduce<number | null>((newest, { foundAt }) => Math.max(newest ?? foundAt, foundAt), null),
  };
}

/** "14 payments worth 61.20 TUSD". */
export function missingText(
  { count, units }: Pick<Missing, "count" | "units">,
  amountText: (units: bigint) => string,
): string {
  return `${count} ${count === 1 ? "payment" : "payments"} worth ${amountText(units)}`;
}

/**
 * What cards prove and nobody has uploaded. A card counts and sums its payments, so that a later
 * voucher shows how many are missing before it and what they are worth (spec §3.2); where they were
 * made it does not show. Cards are found by the sum of their known messages, and only those whose
 * newest voucher has spent more are looked into.
 */
@Injectable()
export class MissingPaymentReader {
  private readonly shared: SharedRead<readonly MissingRun[]>;

  constructor(@Inject(DATABASE) private readonly db: Database) {
    this.shared = new SharedRead({ read: () => this.find(), rest: 1 });
  }

  /** Null while they are looked for the first time, or the database does not answer. */
  async read(): Promise<readonly MissingRun[] | null> {
    try {
      return (await this.shared.get({ freshMs: MISSING_FRESH_MS, withinMs: MISSING_WAIT_MS }))?.value ?? null;
    } catch {
      return null;
    }
  }

  private async find(): Promise<readonly MissingRun[]> {
    const { rows } = await sql<MissingRow>`
      with behind as (
        select c.card from cards c cross join lateral (
          select spent_units from vouchers v where v.card = c.card order by counter desc limit 1) newest
        where newest.spent_units > c.signed_units limit ${MISSING_CARDS}),
      streams as (
        select v.card, v.counter, v.paid_at, v.received_at, v.spent_units - v.amount_units as spent_before,
          lag(v.counter, 1, 0::bigint) over w as previous, lag(v.spent_units, 1, 0::bigint) over w as spent,
          lag(v.paid_at, 1, 0::bigint) over w as previous_at
        from behind join vouchers v on v.card = behind.card window w as (partition by v.card order by v.counter))
      select card, (counter - previous - 1)::int as count, (spent_before - spent)::text as units,
        (previous_at * 1000)::text as after, (paid_at * 1000)::text as before, received_at as found
      from streams where counter > previous + 1 and spent_before > spent order by paid_at desc limit ${MISSING_GAPS}`.execute(
      this.db,
    );
    return rows.map(({ card, count, units, after, before, found }) => ({
      ...{ card, count, units: BigInt(units), after: Number(after), before: Number(before) },
      foundAt: found.getTime(),
    }));
  }
}

interface MissingRow {
  readonly card: Uint8Array;
  readonly count: number;
  readonly units: string;
  readonly after: string;
  readonly before: string;
  readonly found: Date;
}
