import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../../../foundation/database/database.ts";
import { REPLACEMENT_STANDS_MS } from "../../limits.ts";

/** Replacements of cards that do not go on. */
export interface StandingReplacements {
  readonly count: number;
  /** Units that do not reach the cards' successors. */
  readonly units: bigint;
  /** When the oldest was asked for. */
  readonly since: Date;
  /** The lost card of the oldest. */
  readonly card: string;
}

/**
 * Of which no step had an effect for some time: nothing was asked back from the lost card, or what
 * came back is not given on. Null where every replacement goes on.
 */
export async function standingReplacements(db: Database, nowMs: number): Promise<StandingReplacements | null> {
  const before = new Date(nowMs - REPLACEMENT_STANDS_MS);
  const { rows } = await sql<{ count: number; units: string | null; since: Date | null; card: Uint8Array | null }>`
    select count(*)::int as count, min(created_at) as since, (array_agg(card order by created_at))[1] as card,
      sum(case when withdrawn_units is null then advance_units else greatest(0, withdrawn_units - rest_units
        - case when advance_dropped is null then advance_units else 0 end) end)::text as units
    from replacements
    where done_at is null and created_at < ${before}
      and case when withdrawn_units is null then requests = 0 else next_look_at < ${before} end`.execute(db);
  const [found] = rows;
  if (found === undefined || found.since === null || found.card === null) return null;
  return { count: found.count, units: BigInt(found.units ?? 0), since: found.since, card: toHex(found.card) };
}
