import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";
import { inLockOrder } from "./lock-order.ts";
import type { ArrivedUpload } from "./arrived-upload.ts";

/** What an upload brought that was not stored before. */
export interface Inserted {
  /** In the body's order: of two messages with one counter in one upload, the first is the first. */
  readonly fresh: readonly VerifiedVoucher[];
  /** Ids of those that took their counter: no upload had brought a message of it. */
  readonly claimed: ReadonlySet<string>;
}

/**
 * Stores vouchers that are new, and claims their counters, by one statement. It takes its locks in
 * the order that every upload shares: the ids, then the counters.
 */
export async function insertVouchers(
  trx: DatabaseTransaction,
  { hash, receivedAt }: ArrivedUpload,
  vouchers: readonly VerifiedVoucher[],
): Promise<Inserted> {
  const given = inLockOrder(vouchers);
  const bytes = (of: (voucher: VerifiedVoucher) => Uint8Array) => sql`${given.map(of)}::bytea[]`;
  const numbers = (of: (voucher: VerifiedVoucher) => number | bigint) =>
    sql`${given.map((each) => String(of(each)))}::bigint[]`;
  const { rows } = await sql<{ id: Uint8Array; claimed: boolean }>`
    with given as (
      select * from unnest(
        ${bytes(({ id }) => id)}, ${bytes(({ card }) => card)}, ${numbers(({ counter }) => counter)},
        ${bytes(({ payee }) => payee)}, ${numbers(({ amount }) => amount)}, ${bytes(({ message }) => message)},
        ${bytes(({ context }) => context)}, ${bytes(({ signature }) => signature)}, ${numbers(({ parity }) => parity)},
        ${bytes(({ allowanceBody }) => allowanceBody)}, ${bytes(({ allowanceSignature }) => allowanceSignature)},
        ${bytes(({ terminalId }) => terminalId)}, ${numbers(({ time }) => time)}, ${bytes(({ cardKey }) => cardKey)},
        ${bytes(({ request }) => request)}, ${numbers(({ spent }) => spent)},
        ${numbers(({ allowanceSeq }) => allowanceSeq)}, ${bytes(({ link }) => link)},
        ${given.map(({ dispute }) => dispute)}::text[], ${numbers(({ position }) => position)})
      with ordinality as g (id, card, counter, payee, amount, message, context, signature, parity, allowance_body,
        allowance_signature, terminal_id, paid_at, card_key, request, spent, allowance_seq, link, dispute, position,
        place)),
    added as (
      insert into vouchers (id, card, counter, payee, amount_units, message, context, signature, parity,
        allowance_body, allowance_signature, terminal_id, paid_at, card_key, request, spent_units, allowance_seq, link,
        upload, received_at, state, promised, dispute)
      select id, card, counter, payee, amount, message, context, signature, parity,
        allowance_body, allowance_signature, terminal_id, paid_at, card_key, request, spent, allowance_seq, link,
        ${hash}::bytea, ${receivedAt}::timestamptz, 'received', dispute is null, dispute
      from given order by place
      on conflict (id) do nothing returning id),
    claimed as (
      insert into counter_claims (card, counter, voucher_id)
      select distinct on (g.card, g.counter) g.card, g.counter, g.id from added join given g on g.id = added.id
      order by g.card, g.counter, g.position
      on conflict (card, counter) do nothing returning voucher_id)
    select added.id, claimed.voucher_id is not null as claimed
    from added left join claimed on claimed.voucher_id = added.id`.execute(trx);
  const claims = new Map(rows.map(({ id, claimed }) => [toHex(id), claimed]));
  const fresh = given.filter(({ id }) => claims.has(toHex(id)));
  return {
    fresh: fresh.sort((left, right) => left.position - right.position),
    claimed: new Set([...claims].filter(([, claimed]) => claimed).map(([id]) => id)),
  };
}

/**
 * Keeps that an upload held vouchers which are known by one that arrived later: its receipt may be
 * older than the database (spec §6.12).
 */
export async function recordEarlierArrival(
  trx: DatabaseTransaction,
  { hash, receivedAt }: ArrivedUpload,
  known: readonly VerifiedVoucher[],
): Promise<void> {
  if (known.length === 0) return;
  const seconds = Math.floor(receivedAt.getTime() / 1_000);
  await sql`
    insert into arrival_receipts (voucher_id, upload, received_at)
    select v.id, ${hash}::bytea, ${String(seconds)}::bigint from unnest(${known.map(({ id }) => id)}::bytea[]) named (id)
    cross join lateral (select x.id, x.received_at from vouchers x where x.id = named.id offset 0) v
    where v.received_at >= ${new Date((seconds + 1) * 1_000)}::timestamptz
    on conflict (voucher_id, upload) do nothing`.execute(trx);
}
