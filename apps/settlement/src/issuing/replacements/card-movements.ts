import { SETTLED_ACTION_STATES } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";

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
    .where("key", "like", `withdraw-card:${toHex(card)}:%`)
    .where((where) => where.or([where("state", "not in", SETTLED), where("mined_block", ">", seen)]))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
