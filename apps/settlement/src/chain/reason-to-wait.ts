import type { ReasonToWait } from "@tallystick/evm";
import { cardStatuses } from "@tallystick/protocol";
import type { Database } from "../foundation/database/database.ts";
import { moneyStop } from "./money/money-faults.ts";
import { lacksTokens } from "./token-needs.ts";

/** What of an action decides whether it may begin. */
interface WaitingAction {
  readonly id: string;
  readonly kind: string;
  readonly account: Uint8Array;
  readonly after: readonly string[];
  readonly call: { readonly data: Uint8Array };
}

/** What is in no block yet, and has not ended otherwise. */
const UNMINED_STATES = ["planned", "reserved", "signed", "broadcast"];

/**
 * Why an action may have no nonce yet; null where nothing stands in its way. `tokens` answers what
 * its account holds, where its actions move tokens of its own.
 */
export async function reasonToWait(
  db: Database,
  action: WaitingAction,
  tokens?: () => Promise<bigint>,
): Promise<ReasonToWait | null> {
  if ((await waitsForOthers(db, action)) || (await waitsForApproval(db, action))) return "WAITING_FOR_ACTIONS";
  // A deposit that was planned before is held back like a new one (spec §6.14).
  if (action.kind === "fund" && (await moneyStop(db, "fund")) !== null) return "MONEY_STOPPED";
  if (action.kind === "fund" && (await isForStoppedCard(db, action))) return "CARD_STOPPED";
  return (await lacksTokens(db, action, await tokens?.())) ? "NO_TOKENS" : null;
}

async function waitsForOthers(db: Database, { after }: WaitingAction): Promise<boolean> {
  if (after.length === 0) return false;
  const open = await db
    .selectFrom("chain_actions")
    .select("id")
    .where("id", "in", after)
    .where("state", "in", UNMINED_STATES)
    .limit(1)
    .executeTakeFirst();
  return open !== undefined;
}

/** A deposit that another treasury was to make waits until this one's tokens are approved. */
async function waitsForApproval(db: Database, { kind, account }: WaitingAction): Promise<boolean> {
  if (kind !== "fund") return false;
  const open = await db
    .selectFrom("chain_actions")
    .select("id")
    .where("kind", "=", "approve")
    .where("account", "=", account)
    .where("state", "in", UNMINED_STATES)
    .limit(1)
    .executeTakeFirst();
  return open !== undefined;
}

/**
 * Whether the card that an issuer's deposit is for was lost or revoked since (spec §6.10). What pays a
 * withheld voucher is no such deposit: such a card's promises are kept.
 */
async function isForStoppedCard(db: Database, { id }: WaitingAction): Promise<boolean> {
  const found = await db
    .selectFrom("fundings")
    .innerJoin("cards", "cards.card", "fundings.card")
    .select("fundings.id")
    .where("fundings.action_id", "=", id)
    .where((where) =>
      where.or([
        where("cards.status", "in", [cardStatuses.lost, cardStatuses.revoked]),
        where("cards.flagged", "=", true),
      ]),
    )
    .executeTakeFirst();
  return found !== undefined;
}
