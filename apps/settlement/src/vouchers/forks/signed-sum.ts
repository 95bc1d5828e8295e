import { cardStatuses, decodeAllowanceBody, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import { EXCESS_MESSAGES } from "./limits.ts";
import { recordAnomaly } from "../states/anomalies.ts";
import { revokeCard } from "./record-fork.ts";

/** What a message that was not known before took from its card. */
export interface SignedAmount {
  readonly card: Uint8Array;
  /** Units. */
  readonly amount: bigint;
}

/**
 * Counts messages of counters that nobody knew a message of, and revokes a card whose messages, one
 * a counter, took more than every maxSpent ever signed for it (spec §6.1). The running sums may
 * count a counter twice where two transactions meet, so that a card is judged by its messages
 * themselves once its sum is too high.
 */
export async function countSigned(trx: DatabaseTransaction, fresh: readonly SignedAmount[], now: Date): Promise<void> {
  const sums = new Map<string, { card: Uint8Array; units: bigint }>();
  for (const { card, amount } of fresh) {
    const name = toHex(card);
    sums.set(name, { card, units: (sums.get(name)?.units ?? 0n) + amount });
  }
  if (sums.size === 0) return;
  const cards = [...sums.values()].map(({ card }) => card);
  // The order in which every transaction locks cards.
  await trx.selectFrom("cards").select("card").where("card", "in", cards).orderBy("card").forUpdate().execute();
  await sql`
    update cards set signed_units = signed_units + added.units
    from unnest(${cards}::bytea[], ${[...sums.values()].map(({ units }) => units.toString())}::bigint[])
      as added (card, units)
    where cards.card = added.card`.execute(trx);
  for (const card of await aboveAllowances(trx, cards)) {
    if (await judgeSigned(trx, card, now)) await enqueue(trx, "status-list", "due", now);
  }
}

/** Cards whose running sum is above the largest maxSpent on record; almost always none. */
async function aboveAllowances(trx: DatabaseTransaction, cards: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const rows = await trx
    .selectFrom("cards")
    .select("card")
    .where("card", "in", [...cards])
    .where("status", "!=", cardStatuses.revoked)
    .where(
      sql<boolean>`signed_units > greatest(judged_units,
        (select coalesce(max(max_spent_units), 0) from allowances a where a.card = cards.card))`,
    )
    .orderBy("card")
    .execute();
  return rows.map(({ card }) => card);
}

/**
 * Judges a card by all its messages and by everything that shows its allowances, which grows with its
 * history: what is found to be allowed is kept, so that it is not asked again before the card has
 * signed more than that. Revokes the card and answers true where it has signed more.
 */
export async function judgeSigned(trx: DatabaseTransaction, card: Uint8Array, now: Date): Promise<boolean> {
  const [signed, allowed] = [await signedBy(trx, card), await everAllowed(trx, card)];
  if (signed <= allowed) {
    await trx
      .updateTable("cards")
      .set({ signed_units: signed, judged_units: allowed })
      .where("card", "=", card)
      .execute();
    return false;
  }
  await recordAnomaly(trx, {
    ...{ kind: "CARD_OVERSPENT", card, foundAt: now, messages: await largestAbove(trx, card, allowed) },
    detail: `Card ${toHex(card)} has signed ${signed} units, and no allowance of it was ever above ${allowed}.`,
  });
  await revokeCard(trx, card);
  return true;
}

/** What the vault paid, and the largest held message of each other counter; units. */
async function signedBy(trx: DatabaseTransaction, card: Uint8Array): Promise<bigint> {
  const { rows } = await sql<{ units: string }>`
    select coalesce(sum(units), 0)::text as units from (
      select amount_units as units from settled_items where card = ${card}
      union all
      select max(amount_units) from vouchers v where card = ${card} and not exists (
        select from settled_items s where s.card = v.card and s.counter = v.counter) group by counter) as known`.execute(
    trx,
  );
  return BigInt(rows[0]?.units ?? "0");
}

/**
 * The card's largest messages, one a counter, that together are above what it was allowed: as few as
 * prove it, and no more than a case shows.
 */
async function largestAbove(
  trx: DatabaseTransaction,
  card: Uint8Array,
  allowed: bigint,
): Promise<readonly Uint8Array[]> {
  const { rows } = await sql<{ id: Uint8Array }>`
    select id from (
      select id, units, sum(units) over (order by units desc, counter) - units as before from (
        select distinct on (counter) id, counter, units from (
          select id, counter, amount_units as units from vouchers where card = ${card}
          union all
          select voucher_id, counter, amount_units from chain_messages where card = ${card}) known
        order by counter, units desc, id) largest) added
    where before <= ${allowed.toString()}::numeric order by before limit ${EXCESS_MESSAGES}`.execute(trx);
  return rows.map(({ id }) => id);
}

/**
 * The largest maxSpent that was ever signed, by what is stored and by what the card's own vouchers
 * show. After a restore a forgotten allowance may have been as high as all that ever came to the
 * card, with what releases and voids gave back.
 */
async function everAllowed(trx: DatabaseTransaction, card: Uint8Array): Promise<bigint> {
  const { rows } = await sql<{ stored: string; came: string; restored: boolean }>`
    select
      (select coalesce(max(max_spent_units), 0) from allowances where card = ${card})::text as stored,
      ((select coalesce(max(deposits_units), 0) from cards where card = ${card})
        + (select coalesce(sum(units), 0) from chain_events where card = ${card} and final and kind = 'released')
        + (select coalesce(max(v.spent_units), 0) from vouchers v where card = ${card} and exists (
            select from chain_events e where e.card = v.card and e.final and e.kind = 'voided')))::text as came,
      (select coalesce(max(restore_generation), 0) > 0 from installation) as restored`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error("The database answered no row.");
  const shown = await trx.selectFrom("vouchers").select("allowance_body").distinct().where("card", "=", card).execute();
  const bounds = shown.map(({ allowance_body }) => decodeAllowanceBody(allowance_body).maxSpent);
  bounds.push(BigInt(row.stored), row.restored ? BigInt(row.came) : 0n);
  return bounds.reduce((left, right) => (left > right ? left : right), 0n);
}
