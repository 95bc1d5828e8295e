import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";

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
 * A sum that was made so many milliseconds ago. What is written last stands, whatever clock any
 * process has: a try that failed before it is over with it.
 */
export async function keepSum(db: Database, { ageMs, block }: { readonly ageMs: number; readonly block: bigint }) {
  const at = sql<Date>`clock_timestamp() - ${ageMs}::float8 * interval '1 millisecond'`;
  await db
    .insertInto("money_sums")
    .values({ begun_at: at, summed_at: at, block_number: block, failure: null })
    .onConflict((conflict) =>
      conflict.column("singleton").doUpdateSet({ summed_at: at, block_number: block, failure: null }),
    )
    .execute();
}

/**
 * A try that was no sum, with what it threw; how old the newest sum is stays. A time that is ahead
 * of the database's clock counts from now on, else it would hide for so long that sums are missing.
 */
export async function keepFailedSum(db: Database, { failure }: { readonly failure: string }) {
  await db
    .insertInto("money_sums")
    .values({ begun_at: sql`clock_timestamp()`, summed_at: null, block_number: null, failure })
    .onConflict((conflict) =>
      conflict.column("singleton").doUpdateSet({
        begun_at: sql`least(money_sums.begun_at, clock_timestamp())`,
        summed_at: sql`case when money_sums.summed_at is not null then least(money_sums.summed_at, clock_timestamp()) end`,
        failure: sql`excluded.failure`,
      }),
    )
    .execute();
}

/** What a try threw, by its code first. */
export function failureOfSum(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "FAILED";
  return `${code}: ${message}`;
}
