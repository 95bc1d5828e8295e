import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";

/** What a batch's transaction used, as it is booked. */
export interface BatchGas {
  /** When the batch was made. */
  readonly at: Date;
  readonly gasUsed: bigint;
  readonly vouchers: number;
}

/** Of the newest batches whose fee is booked, the newest first (spec §6.18). */
export async function newestBatchGas(db: Database, most: number): Promise<readonly BatchGas[]> {
  const { rows } = await sql<{ at: Date; gas: string; vouchers: number }>`
    select b.created_at as at, f.gas_used::text as gas, b.voucher_count as vouchers
    from batches b join chain_actions a on a.id = b.action_id
    join chain_fees f on f.transaction_hash = a.mined_hash
    where f.succeeded and b.voucher_count > 0
    order by b.created_at desc limit ${most}`.execute(db);
  return rows.map(({ at, gas, vouchers }) => ({ at, gasUsed: BigInt(gas), vouchers }));
}

/** Gas of one voucher of these batches in the mean; null of none. */
export function gasPerVoucher(batches: readonly BatchGas[]): number | null {
  if (batches.length === 0) return null;
  const used = batches.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  return Number(used) / batches.reduce((sum, { vouchers }) => sum + vouchers, 0);
}
