import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** The part of a refund that belongs to one voucher, units. */
export interface RefundShare {
  readonly voucherId: Uint8Array;
  readonly units: bigint;
}

/** A refund that became final. */
export interface FinalRefund {
  /** "transaction:index". */
  readonly place: string;
  readonly payee: Uint8Array;
  readonly card: Uint8Array;
  readonly units: bigint;
  /** The voucher that its call named. */
  readonly voucherId: Uint8Array | null;
}

interface Refundable {
  readonly voucher_id: Uint8Array;
  /** What was not refunded yet. */
  readonly rest: string;
}

/**
 * Decides which vouchers a refund belongs to (spec §6.2), stores that, and marks those that are
 * refunded in full. The chain names the card, the payee and perhaps a voucher. A named voucher
 * takes it alone; otherwise reversed ones take it, the lowest counter first, then the newest
 * payments. No voucher takes more than was paid for it; what is left over belongs to the card
 * alone.
 */
export async function shareRefund(trx: DatabaseTransaction, refund: FinalRefund): Promise<readonly RefundShare[]> {
  const shares: RefundShare[] = [];
  let left = refund.units;
  for (const { voucher_id: voucherId, rest } of await refundable(trx, refund)) {
    if (left === 0n) break;
    const units = left < BigInt(rest) ? left : BigInt(rest);
    shares.push({ voucherId, units });
    left -= units;
  }
  if (shares.length === 0) return shares;
  await trx
    .insertInto("refund_shares")
    .values(shares.map(({ voucherId, units }) => ({ place: refund.place, voucher_id: voucherId, units })))
    .execute();
  await markRefunded(
    trx,
    shares.map(({ voucherId }) => voucherId),
  );
  return shares;
}

/** Vouchers that the vault paid and whose whole amount went back are `refunded`. */
export async function markRefunded(trx: DatabaseTransaction, ids: readonly Uint8Array[]): Promise<void> {
  await trx
    .updateTable("vouchers")
    .set({ state: "refunded" })
    .where("id", "in", ids)
    .where("state", "=", "final")
    .where(sql<boolean>`amount_units = (select sum(units) from refund_shares where voucher_id = vouchers.id)`)
    .execute();
}

async function refundable(trx: DatabaseTransaction, refund: FinalRefund): Promise<readonly Refundable[]> {
  const { card, payee, voucherId } = refund;
  const name = voucherId === null ? null : Buffer.from(voucherId);
  const { rows } = await sql<Refundable>`
    with paid as (
      select s.voucher_id, s.counter,
        s.amount_units - coalesce((select sum(units) from refund_shares r where r.voucher_id = s.voucher_id), 0) as rest,
        exists (select from vouchers v join cancellations c on c.request = v.request and c.card_key = v.card_key
          where v.id = s.voucher_id) as reversed
      from settled_items s
      where s.card = ${Buffer.from(card)} and s.payee = ${Buffer.from(payee)}
        and (${name}::bytea is null or s.voucher_id = ${name}))
    select voucher_id, rest::text from paid where rest > 0
    order by reversed desc, case when reversed then counter else -counter end
    limit ${LIMITS.refundShares}`.execute(trx);
  return rows;
}
