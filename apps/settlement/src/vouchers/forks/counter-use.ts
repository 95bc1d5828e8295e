import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";

/** A message of one card, by its counter. */
export interface CounterMessage {
  readonly id: Uint8Array;
  readonly card: Uint8Array;
  readonly counter: bigint;
}

/**
 * Who has used a voucher's counter by a final block: the voucher itself (`own`), another message, a
 * release or a void (`other`), or nobody. The vault never pays a counter that another message used.
 */
export async function counterUse(db: Database, { id, card, counter }: CounterMessage): Promise<"own" | "other" | null> {
  const paid = await db
    .selectFrom("settled_items")
    .select("voucher_id")
    .where("card", "=", card)
    .where("counter", "=", counter)
    .executeTakeFirst();
  if (paid !== undefined) return Buffer.from(paid.voucher_id).equals(id) ? "own" : "other";
  const given = await db
    .selectFrom("chain_events")
    .select("kind")
    .where("card", "=", card)
    .where("kind", "in", ["released", "voided"])
    .where("final", "=", true)
    .where(sql<boolean>`detail->>'counter' = ${counter.toString()}`)
    .limit(1)
    .executeTakeFirst();
  return given === undefined ? null : "other";
}
