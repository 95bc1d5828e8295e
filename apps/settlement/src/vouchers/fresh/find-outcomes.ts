import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";

/** A voucher that does not follow the one before it. */
export interface Contradiction {
  readonly id: Uint8Array;
  readonly card: Uint8Array;
  readonly counter: number;
  /** For the operators. */
  readonly detail: string;
}

/** What was there before the vouchers of an upload came, or came with them. */
export interface FoundOutcomes {
  /** A stored `TLYX` names them. */
  readonly reversed: readonly Uint8Array[];
  /** A final block shows them paid. */
  readonly settled: readonly Uint8Array[];
  /** A final block shows them released. */
  readonly released: readonly Uint8Array[];
  /**
   * Of them and of the vouchers behind them. An honest card's voucher links to the message before it
   * and has spent exactly its amount more (spec §3.2). One that fits none of the messages known for
   * the counter before convicts the card as a fork does; its vouchers are taken all the same.
   */
  readonly contradictions: readonly Contradiction[];
}

interface FoundRow {
  readonly what: "reversed" | "settled" | "released" | "contradiction";
  readonly id: Uint8Array;
  readonly card: Uint8Array;
  readonly counter: string;
}

/**
 * Finds what decides about new vouchers besides their counters, by one statement. It looks up row by
 * row; `offset 0`, `limit` and a count keep the planner from reading whole tables.
 */
export async function findOutcomes(
  trx: DatabaseTransaction,
  vouchers: readonly VerifiedVoucher[],
): Promise<FoundOutcomes> {
  const { rows } = await sql<FoundRow>`
    with fresh as materialized (
      select * from unnest(${vouchers.map(({ id }) => id)}::bytea[], ${vouchers.map(({ card }) => card)}::bytea[],
        ${vouchers.map(({ counter }) => String(counter))}::bigint[], ${vouchers.map(({ payee }) => payee)}::bytea[],
        ${vouchers.map(({ amount }) => String(amount))}::bigint[], ${vouchers.map(({ request }) => request)}::bytea[],
        ${vouchers.map(({ cardKey }) => cardKey)}::bytea[])
        as f (id, card, counter, payee, amount, request, card_key)),
    compared as (
      select distinct v.* from fresh cross join lateral (
        select x.id, x.card, x.counter, x.link, x.spent_units, x.amount_units from vouchers x
        where x.card = fresh.card and x.counter between fresh.counter and fresh.counter + 1 offset 0) v)
    select 'reversed' as what, id, card, counter::text from fresh where (
      select true from cancellations c where c.request = fresh.request and c.card_key = fresh.card_key limit 1)
    union all
    select 'settled', id, card, counter::text from fresh where (
      select true from settled_items s where s.voucher_id = fresh.id limit 1)
    union all
    select 'released', id, card, counter::text from fresh where (
      select true from chain_events e where e.card = fresh.card and e.detail->>'counter' = fresh.counter::text
        and e.final and e.kind = 'released' and e.payee = fresh.payee and e.units = fresh.amount limit 1)
    union all
    select 'contradiction', v.id, v.card, v.counter::text from compared v
    cross join lateral (
      select count(*) as known,
        coalesce(bool_or(sha256(b.message) = v.link and b.spent_units + v.amount_units = v.spent_units), false) as follows
      from vouchers b where b.card = v.card and b.counter = v.counter - 1) before
    where (v.counter = 1 and (v.link <> ${Buffer.alloc(32)}::bytea or v.spent_units <> v.amount_units))
      or (before.known > 0 and not before.follows)`.execute(trx);
  const ids = (what: FoundRow["what"]) => rows.filter((row) => row.what === what).map(({ id }) => id);
  const contradictions = rows.filter(({ what }) => what === "contradiction");
  return {
    reversed: ids("reversed"),
    settled: ids("settled"),
    released: ids("released"),
    contradictions: contradictions.map(({ id, card, counter }) => ({
      ...{ id, card, counter: Number(counter) },
      detail: `Voucher ${toHex(id)} at counter ${counter} of card ${toHex(card)} does not follow the voucher before it.`,
    })),
  };
}
