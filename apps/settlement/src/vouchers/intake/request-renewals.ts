import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { subjectOf, type WakeUp } from "../../foundation/outbox/outbox.ts";

/**
 * A card's vouchers and proofs of state prove what its released and voided counters are worth (spec
 * §6.3); they may come after the release. Requests the renewal of such cards' allowances, and
 * answers who has to be woken. The cards stay locked, in the order in which every transaction locks
 * them.
 */
export async function requestRenewals(
  trx: DatabaseTransaction,
  cards: readonly Uint8Array[],
): Promise<readonly WakeUp[]> {
  if (cards.length === 0) return [];
  // The chain's watcher changes these rows with the release that it finds final. The second
  // transaction waits here, and sees the first one's changes in its next statement: one of the two
  // requests the renewal that knows both.
  await trx.selectFrom("cards").select("card").where("card", "in", cards).orderBy("card").forNoKeyUpdate().execute();
  const { rows } = await sql<{ card: Uint8Array }>`
    update cards set renewal_due = true
    where card = any (${[...cards]}::bytea[]) and (
      select true from chain_events e
      where e.card = cards.card and e.final and e.kind in ('released', 'voided') limit 1)
    returning card`.execute(trx);
  return rows.map(({ card }) => ({ topic: "allowance", subject: subjectOf(card) }));
}
