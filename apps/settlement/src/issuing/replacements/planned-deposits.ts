import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { type PartFunding, type ReplacementRow, restKey } from "./replacement-parts.ts";

export interface PlannedFunding {
  readonly id: string;
  readonly units: bigint;
}

/** The deposit of this key that was planned, of this sum where one is given; null where there is none. */
export async function plannedFunding(
  trx: DatabaseTransaction,
  { subject, key }: PartFunding,
  units: bigint | null = null,
): Promise<PlannedFunding | null> {
  const row = await trx
    .selectFrom("fundings")
    .select(["id", "amount_units as units"])
    .where("card", "=", subject)
    .where("key", "=", key)
    .$if(units !== null, (query) => query.where("amount_units", "=", units ?? 0n))
    .executeTakeFirst();
  return row ?? null;
}

/**
 * What all deposits of a replacement's rest are of that were planned, whoever planned them: also a version that did not
 * count them. Units.
 */
export async function plannedRest(trx: DatabaseTransaction, row: ReplacementRow): Promise<bigint> {
  const key = restKey(row);
  const { rows } = await sql<{ units: bigint }>`
    with recursive line (card) as (
      select ${row.successor}::bytea union
      select r.successor from line join replacements r on r.card = line.card)
    select coalesce(sum(f.amount_units), 0)::bigint as units from line join fundings f on f.card = line.card
    where f.key = ${key} or f.key like ${`${key}-%`}`.execute(trx);
  return rows[0]?.units ?? 0n;
}
