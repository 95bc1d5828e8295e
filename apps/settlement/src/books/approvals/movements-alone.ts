import { takeLock } from "../../foundation/database/advisory-locks.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { DAY_MS } from "../../foundation/limits/limits.ts";

/** A movement that its person wants to make without a second one. */
export interface MovementAlone {
  readonly person: string;
  readonly units: bigint;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Counts the movement where all that its person moved without a second one in 24 hours stays within
 * a sum; else answers false and counts nothing. It holds with the transaction that plans the movement,
 * whatever becomes of it on the chain.
 */
export async function fitsAlone(
  trx: DatabaseTransaction,
  { person, units, now }: MovementAlone,
  most: bigint,
): Promise<boolean> {
  await takeLock(trx, "movementsAlone");
  await trx
    .deleteFrom("movements_alone")
    .where("at", "<=", new Date(now - DAY_MS))
    .execute();
  const { sum } = await trx
    .selectFrom("movements_alone")
    .select((read) => read.fn.sum<string | null>("units").as("sum"))
    .where("person", "=", person)
    .executeTakeFirstOrThrow();
  if (BigInt(sum ?? 0) + units > most) return false;
  await trx
    .insertInto("movements_alone")
    .values({ person, units, at: new Date(now) })
    .execute();
  return true;
}
