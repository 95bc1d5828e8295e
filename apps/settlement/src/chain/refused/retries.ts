import type { ActionState } from "@tallystick/evm";
import { backOffMs } from "@tallystick/program";
import { sql, type RawBuilder } from "kysely";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";

/**
 * Kinds whose refusal is not the end: what they lack, such as tokens in the treasury, may come. All
 * others are decided by whoever planned them.
 */
const RETRIED_KINDS: readonly string[] = ["approve", "open", "fund", "withdraw", "first-unit"];

/**
 * Keys of deposits with which withheld vouchers are paid: they are planned again by what becomes of
 * their voucher (spec §6.12), never by their kind.
 */
export const WITHHELD_DEPOSIT = "deposit:";

/** What an action that goes back to `planned` forgets. */
const UNBEGUN = {
  ...{ state: "planned", nonce: null, gas: null, nonce_taken: false, retry_at: null },
  ...{ mined_hash: null, mined_block: null, mined_block_hash: null },
} as const;

/**
 * When a refused action is simulated again: null for a kind that is not. Each time later, up to a
 * ceiling, and spread by chance.
 */
export function retryAt(
  { key, kind, refusals }: { readonly key: string; readonly kind: string; readonly refusals: number },
  { at, random }: { readonly at: number; readonly random: () => number },
): Date | null {
  if (!RETRIED_KINDS.includes(kind) || key.startsWith(WITHHELD_DEPOSIT)) return null;
  const { retryFirstMs: firstMs, retryMostMs: ceilingMs } = LIMITS;
  return new Date(at + backOffMs(refusals + 1, { firstMs, ceilingMs, random }));
}

/**
 * What a move to a state writes of since when an action is stuck: the first end without effect of a row of tries,
 * which being planned again does not change, and being mined ends.
 */
export function failedSincePatch(to: ActionState, at: Date): { readonly failed_since?: RawBuilder<Date> | null } {
  if (to === "refused" || to === "failed") return { failed_since: sql<Date>`coalesce(failed_since, ${at})` };
  return to === "mined" || to === "final" ? { failed_since: null } : {};
}

/** Plans the refused actions again whose time has come. */
export async function replanDue(db: Database, at: Date): Promise<void> {
  await db
    .updateTable("chain_actions")
    .set({ ...UNBEGUN, changed_at: at })
    .where("state", "=", "refused")
    .where("retry_at", "<=", at)
    // A version before gave these a time too.
    .where("key", "not like", `${WITHHELD_DEPOSIT}%`)
    .execute();
}

/**
 * A person has an action tried again at once that ended without effect or waits to be tried again.
 * False where it is under way, done, or something else took its place: then nothing changes.
 */
export async function retryAction(trx: DatabaseTransaction, id: string, at: Date): Promise<boolean> {
  const changed = await trx
    .updateTable("chain_actions")
    .set({ ...UNBEGUN, refusals: 0, abandoned_at: null, changed_at: at })
    .where("id", "=", id)
    .where("state", "in", ["refused", "failed"])
    .where("closed_at", "is", null)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await enqueue(trx, "send", id, at);
  return true;
}

/** What giving an action up came to. */
export type Abandoning = "abandoned" | "abandoned before" | "under way";

/** A person gives an action up that has no nonce: it is never sent, unless it is tried again. */
export async function abandonAction(trx: DatabaseTransaction, id: string, at: Date): Promise<Abandoning> {
  const { state, abandoned_at: before } = await trx
    .selectFrom("chain_actions")
    .select(["state", "abandoned_at"])
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (before !== null) return "abandoned before";
  if (!["planned", "refused", "failed"].includes(state)) return "under way";
  await trx
    .updateTable("chain_actions")
    .set({ state: state === "failed" ? "failed" : "refused", retry_at: null, abandoned_at: at, changed_at: at })
    .where("id", "=", id)
    .execute();
  return "abandoned";
}
