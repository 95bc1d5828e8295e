import { SETTLED_ACTION_STATES } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { type RawBuilder, sql } from "kysely";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import type { AdvanceDropped } from "../../foundation/database/tables/issuing-tables.ts";

type Reading = Database | DatabaseTransaction;

const SETTLED = [...SETTLED_ACTION_STATES];

/**
 * Whether a deposit of the issuer's may still change what a final block showed of a card that is lost:
 * it is on its way, or in a later block. One that is held back since the card is lost never goes out.
 */
export async function depositMayCome(db: Reading, card: Uint8Array, final: bigint): Promise<boolean> {
  const found = await db
    .selectFrom("fundings")
    .innerJoin("chain_actions", "chain_actions.id", "fundings.action_id")
    .select("chain_actions.id")
    .where("fundings.card", "=", card)
    .where((where) => where.or([where("state", "not in", SETTLED), where("mined_block", ">", final)]))
    .where((where) => where.or([where("state", "<>", "planned"), where("failure", "is distinct from", "CARD_STOPPED")]))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether a withdrawal from a card is on its way, or in a block behind the one up to which somebody has seen the chain. */
export async function withdrawalMayCome(db: Reading, card: Uint8Array, seen: bigint): Promise<boolean> {
  const found = await db
    .selectFrom("chain_actions")
    .select("id")
    .where("kind", "=", "withdraw-card")
    .where("key", "like", `withdraw-card:${toHex(card)}:%`)
    .where((where) => where.or([where("state", "not in", SETTLED), where("mined_block", ">", seen)]))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * Whether what a request or a withdrawal from a card did may not be in the books yet: it is not settled, is in a block
 * behind the one up to which events were taken in, or its receipt was not compared with the events that were.
 */
export async function isUnsettled(db: Reading, card: Uint8Array, taken: bigint): Promise<boolean> {
  const kinds = ["request-withdrawal", "withdraw-card"];
  const found = await db
    .selectFrom("chain_actions")
    .select("id")
    .where("kind", "in", kinds)
    .where((where) => where.or(kinds.map((kind) => where("key", "like", `${kind}:${toHex(card)}:%`))))
    .where((where) =>
      where.or([
        where("state", "not in", SETTLED),
        where("mined_block", ">", taken),
        where.and([
          where("state", "=", "final"),
          where("events_checked", "=", false),
          where("mined_hash", "is not", null),
        ]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * The change by which a replacement goes on that was done, since its card holds something or something came back. It never
 * gives an advance any more.
 */
export function reopened(at: Date): {
  readonly done_at: null;
  readonly emptied_at: null;
  readonly next_look_at: Date;
  readonly advance_dropped: RawBuilder<AdvanceDropped>;
} {
  const isLate = sql`done_at is not null and advance_units > 0 and advance_funding is null and advance_dropped is null`;
  const advance_dropped = sql<AdvanceDropped>`case when ${isLate} then 'LATE' else advance_dropped end`;
  return { done_at: null, emptied_at: null, next_look_at: at, advance_dropped };
}
