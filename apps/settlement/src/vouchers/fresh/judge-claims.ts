import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";
import type { Inserted } from "./insert-vouchers.ts";

/** What is known of the counters of new vouchers. */
export interface Claims {
  /** Those that are not the first message of their counter, in the body's order. */
  readonly forked: readonly VerifiedVoucher[];
  /** Vouchers of whose counter no message was known before, one a counter. */
  readonly unknown: readonly VerifiedVoucher[];
}

interface KnownRow {
  /** The voucher's place among those that were asked for, from 1. */
  readonly place: string;
  readonly claim: Uint8Array | null;
  readonly settled: Uint8Array | null;
  /** A final block shows the counter released by another payee, or for another amount. */
  readonly given_up: boolean;
}

/**
 * Finds which of the new vouchers are forks: the first message of a counter is the one that the
 * vault has paid, whoever submitted it, or else the one that claimed it, in this transaction or
 * before. One whose counter a final block shows to be released by another payee, or for another
 * amount, is another message than that, though that one may stand nowhere.
 */
export async function judgeClaims(trx: DatabaseTransaction, { fresh, claimed }: Inserted): Promise<Claims> {
  if (fresh.length === 0) return { forked: [], unknown: [] };
  const rows = await knownOf(trx, fresh);
  const forked: VerifiedVoucher[] = [];
  const unknown: VerifiedVoucher[] = [];
  fresh.forEach((voucher, index) => {
    const id = toHex(voucher.id);
    const row = rows.get(index + 1);
    const first = row?.settled ?? row?.claim ?? null;
    if (first === null || toHex(first) !== id || row?.given_up === true) forked.push(voucher);
    if (claimed.has(id) && row?.settled === null) unknown.push(voucher);
  });
  return { forked, unknown };
}

async function knownOf(
  trx: DatabaseTransaction,
  vouchers: readonly VerifiedVoucher[],
): Promise<ReadonlyMap<number, KnownRow>> {
  const { rows } = await sql<KnownRow>`
    select g.place::text, claim.voucher_id as claim, settled.voucher_id as settled,
      coalesce((select e.payee is distinct from g.payee or e.units is distinct from g.amount from chain_events e
        where e.card = g.card and e.detail->>'counter' = g.counter::text and e.final and e.kind = 'released'
        limit 1), false) as given_up
    from unnest(${vouchers.map(({ card }) => card)}::bytea[], ${vouchers.map(({ counter }) => String(counter))}::bigint[],
      ${vouchers.map(({ payee }) => payee)}::bytea[], ${vouchers.map(({ amount }) => String(amount))}::bigint[])
      with ordinality as g (card, counter, payee, amount, place)
    left join lateral (
      select c.voucher_id from counter_claims c where c.card = g.card and c.counter = g.counter offset 0) claim on true
    left join lateral (
      select s.voucher_id from settled_items s where s.card = g.card and s.counter = g.counter offset 0) settled on true`.execute(
    trx,
  );
  return new Map(rows.map((row) => [Number(row.place), row]));
}
