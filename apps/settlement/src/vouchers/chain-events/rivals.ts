import type { Selectable } from "kysely";
import type { VouchersTable } from "../../foundation/database/tables/intake-tables.ts";
import { enqueue, subjectOf } from "../../foundation/outbox/outbox.ts";
import { recordFork } from "../forks/record-fork.ts";
import type { EventContext } from "./event-context.ts";

/** A held message whose counter another one has used. */
export type Rival = Pick<Selectable<VouchersTable>, "id" | "card" | "counter" | "state">;

/** States in which a voucher still waits for the vault. */
const WAITING: readonly string[] = ["received", "batched", "skipped", "forked"];

/**
 * Other messages of a used counter can never be paid by the vault: those that wait are forked, and
 * the issuer decides. Whatever became of them, they convict their card.
 */
export async function loseRivals({ trx, now }: EventContext, rivals: readonly Rival[]): Promise<void> {
  const ordered = [...rivals].sort((left, right) => Buffer.compare(left.card, right.card));
  for (const { id, card, counter, state } of ordered) {
    await recordFork(trx, { card, counter, foundAt: now });
    await enqueue(trx, "status-list", "due", now);
    await enqueue(trx, "convict", subjectOf(card), now);
    if (!WAITING.includes(state)) continue;
    await trx.updateTable("vouchers").set({ state: "forked" }).where("id", "=", id).execute();
    await enqueue(trx, "compensate", subjectOf(id), now);
  }
}
