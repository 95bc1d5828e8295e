import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** Gas of a batch as the mean of the last ones; null before the first one. */
export async function gasOfLastBatches(db: Database): Promise<bigint | null> {
  const { rows } = await sql<{ gas: string | null }>`
    select avg(gas_estimate)::bigint::text as gas from (
      select gas_estimate from batches where gas_estimate is not null
      order by created_at desc limit ${LIMITS.batchesMeasured}) as newest`.execute(db);
  const gas = rows[0]?.gas ?? null;
  return gas === null ? null : BigInt(gas);
}
