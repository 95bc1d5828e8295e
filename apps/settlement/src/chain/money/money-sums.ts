import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";

/** How old the newest sum of the vault is, and what kept the last try from being one (spec §6.14). */
export interface MoneySumRecord {
  /** When the newest sum was made; before the first one, when it was tried first. */
  readonly at: Date;
  /**
   * Milliseconds since then by the clock of the database, which is one for all processes. Below 0
   * where that clock was set back since, or an older program kept a time of its own clock: how old
   * the sum is is unknown then.
   */
  readonly ageMs: number;
  /** The block of the newest sum; null before the first one. */
  readonly block: bigint | null;
  /** By its code first; null where the last try was a sum. */
  readonly failure: string | null;
}

/** Milliseconds since the newest sum, by the clock of the database; below 0 where its time is ahead. */
export const SUM_AGE_MS = sql<number>`(extract(epoch from clock_timestamp() - coalesce(summed_at, begun_at)) * 1000)::float8`;

/** Null before the first try. */
export async function moneySum(db: Database): Promise<MoneySumRecord | null> {
  const row = await db.selectFrom("money_sums").selectAll().select(SUM_AGE_MS.as("age_ms")).executeTakeFirst();
  if (row === undefined) return null;
  const { summed_at: summedAt, begun_at: begunAt, age_ms: ageMs, block_number: block, failure } = row;
  return { at: summedAt ?? begunAt, ageMs, block, failure };
}

/**
 * A sum that was made so many milliseconds ago. Of two the one of the newer block stands, and of one
 * block what is written last, whatever clock any process has: a try that failed before it is over
 * with it. False where a newer one is there: then what this one found is no news either. A block
 * that the events which were taken in do not reach any more counts for nothing.
 */
export async function keepSum(
  db: Database | DatabaseTransaction,
  { ageMs, block }: { readonly ageMs: number; readonly block: bigint },
): Promise<boolean> {
  const at = agoMs(ageMs);
  const kept = await db
    .insertInto("money_sums")
    .values({ begun_at: at, summed_at: at, block_number: block, failure: null })
    .onConflict((conflict) =>
      conflict
        .column("singleton")
        .doUpdateSet({ summed_at: at, block_number: block, failure: null })
        .where(
          sql<boolean>`coalesce(money_sums.block_number, -1) <= excluded.block_number
            or money_sums.block_number > coalesce((select c.block_number from chain_cursor c), -1)`,
        ),
    )
    .returning("singleton")
    .executeTakeFirst();
  return kept !== undefined;
}

/**
 * A try that was no sum, with what it threw after so many milliseconds; how old the newest sum is
 * stays. Without effect where another process has made a sum since this try began. A time that is
 * ahead of the database's clock counts from now on, else it would hide for so long that sums are
 * missing.
 */
export async function keepFailedSum(
  db: Database,
  { failure, tookMs }: { readonly failure: string; readonly tookMs: number },
): Promise<void> {
  await db
    .insertInto("money_sums")
    .values({ begun_at: sql`clock_timestamp()`, summed_at: null, block_number: null, failure })
    .onConflict((conflict) =>
      conflict
        .column("singleton")
        .doUpdateSet({
          begun_at: sql`least(money_sums.begun_at, clock_timestamp())`,
          summed_at: sql`case when money_sums.summed_at is not null then least(money_sums.summed_at, clock_timestamp()) end`,
          failure: sql`excluded.failure`,
        })
        .where(
          sql<boolean>`coalesce(money_sums.summed_at <= ${agoMs(tookMs)}, true)
            or money_sums.summed_at > clock_timestamp()`,
        ),
    )
    .execute();
}

/** A time so long ago by the clock of the database. */
function agoMs(ms: number) {
  return sql<Date>`clock_timestamp() - ${ms}::float8 * interval '1 millisecond'`;
}

/** What a try threw, by its code first. */
export function failureOfSum(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "FAILED";
  return `${code}: ${message}`;
}
