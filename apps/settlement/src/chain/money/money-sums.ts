import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";

/** How old the newest sum of the vault is, and what kept the last try from being one (spec §6.14). */
export interface MoneySumRecord {
  /** When the newest sum was made; before the first one, when it was tried first. */
  readonly at: Date;
  /** The block of the newest sum; null before the first one. */
  readonly block: bigint | null;
  /** By its code first; null where the last try was a sum. */
  readonly failure: string | null;
}

/** Null before the first try. */
export async function moneySum(db: Database): Promise<MoneySumRecord | null> {
  const row = await db.selectFrom("money_sums").selectAll().executeTakeFirst();
  if (row === undefined) return null;
  return { at: row.summed_at ?? row.begun_at, block: row.block_number, failure: row.failure };
}

/** A sum that was made at a time; a later one of another process stays the newest. */
export async function keepSum(db: Database, { at, block }: { readonly at: Date; readonly block: bigint }) {
  await db
    .insertInto("money_sums")
    .values({ begun_at: at, summed_at: at, block_number: block, failure: null })
    .onConflict((conflict) =>
      conflict
        .column("singleton")
        .doUpdateSet({ summed_at: at, block_number: block, failure: null })
        .where((where) =>
          where.or([where("money_sums.summed_at", "is", null), where("money_sums.summed_at", "<", at)]),
        ),
    )
    .execute();
}

/** A try that was no sum, with what it threw; how old the newest sum is stays. */
export async function keepFailedSum(db: Database, { at, failure }: { readonly at: Date; readonly failure: string }) {
  await db
    .insertInto("money_sums")
    .values({ begun_at: at, summed_at: null, block_number: null, failure })
    .onConflict((conflict) => conflict.column("singleton").doUpdateSet({ failure: sql`excluded.failure` }))
    .execute();
}

/** What a try threw, by its code first. */
export function failureOfSum(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "FAILED";
  return `${code}: ${message}`;
}
