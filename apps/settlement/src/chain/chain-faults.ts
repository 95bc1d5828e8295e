import type { Database, DatabaseTransaction } from "../foundation/database/database.ts";

/**
 * What is wrong with the chain, or with what its node says of it; nothing is posted meanwhile.
 *
 * - `EVENTS_CONTRADICT`: the node's events are not those of its blocks, or two nodes differ. It is
 *   asked again, and nothing is skipped.
 * - `FINALITY_BROKEN`: another block stands where the last one that was posted stood.
 */
export const CHAIN_FAULT_CODES = ["EVENTS_CONTRADICT", "FINALITY_BROKEN"] as const;

export type ChainFaultCode = (typeof CHAIN_FAULT_CODES)[number];

/** A fault that lasts. */
export interface ChainFault {
  readonly code: ChainFaultCode;
  /** What was seen last, for people. */
  readonly detail: string;
  readonly since: Date;
  readonly seenAt: Date;
  /** Passes that saw it. */
  readonly times: bigint;
}

/** The faults that last now. It reads one small table and no node. */
export async function chainFaults(db: Database): Promise<readonly ChainFault[]> {
  const rows = await db.selectFrom("chain_faults").selectAll().orderBy("since").execute();
  return rows.flatMap(({ code, detail, since, seen_at: seenAt, times }) =>
    CHAIN_FAULT_CODES.filter((known) => known === code).map((known) => ({ code: known, detail, since, seenAt, times })),
  );
}

/** A pass saw the fault; it lasts until `clearChainFaults`. */
export async function noteChainFault(
  db: Database | DatabaseTransaction,
  { code, detail, at }: { readonly code: ChainFaultCode; readonly detail: string; readonly at: Date },
): Promise<void> {
  await db
    .insertInto("chain_faults")
    .values({ code, detail, since: at, seen_at: at })
    .onConflict((conflict) =>
      conflict
        .column("code")
        .doUpdateSet((update) => ({ detail, seen_at: at, times: update("chain_faults.times", "+", 1n) })),
    )
    .execute();
}

/** A pass went through: what it read agrees. */
export async function clearChainFaults(db: Database | DatabaseTransaction): Promise<void> {
  await db.deleteFrom("chain_faults").execute();
}
