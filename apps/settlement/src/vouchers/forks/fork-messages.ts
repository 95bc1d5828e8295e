import type { SignedMessage } from "@tallystick/vault";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";

/** One message of a forked counter, wherever it was found. */
export interface ForkMessage {
  readonly id: Uint8Array;
  readonly counter: bigint;
  readonly payee: Uint8Array;
  /** Units. */
  readonly amount: bigint;
  readonly signed: SignedMessage;
  /** The voucher's state; of one that only the chain showed, how it used the counter. */
  readonly state: string;
  /** The transaction in which the chain showed it; null for one that an upload brought. */
  readonly transaction: Uint8Array | null;
}

interface Row extends Omit<ForkMessage, "counter" | "amount" | "signed"> {
  readonly counter: string;
  readonly amount: string;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly parity: number;
}

/**
 * The known messages of a card's forked counters: those of uploads in the order in which they came,
 * then those that only the calldata or the event of the call showed that used the counter (spec
 * §6.1). The order stays the same however often it is asked. With a counter, those of it alone.
 */
export async function readForkMessages(
  db: Database | DatabaseTransaction,
  card: Uint8Array,
  counter: bigint | null = null,
): Promise<readonly ForkMessage[]> {
  const { rows } = await sql<Row>`
    with known as (
      select id, card, counter, payee, amount_units, message, signature, parity, state, received_at, null::bytea as transaction
      from vouchers
      union all
      select voucher_id, card, counter, payee, amount_units, message, signature, parity,
        case used_by when 'settled' then 'final' else 'released' end, 'infinity'::timestamptz, transaction_hash
      from chain_messages c where not exists (select from vouchers v where v.id = c.voucher_id))
    select id, known.counter::text, payee, amount_units::text as amount, message, signature, parity, state, transaction
    from known join forks on forks.card = known.card and forks.counter = known.counter
    where known.card = ${card} and (${counter}::bigint is null or known.counter = ${counter}::bigint)
    order by known.counter, received_at, id`.execute(db);
  return rows.map(({ counter: at, amount, message, signature, parity, ...row }) => ({
    ...row,
    counter: BigInt(at),
    amount: BigInt(amount),
    signed: { message, signature, parity: parity === 1 ? 1 : 0 },
  }));
}
