import { cardStatuses } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { subjectOf, type WakeUp } from "../../foundation/outbox/outbox.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";
import type { Contradiction } from "./find-outcomes.ts";
import type { ArrivedUpload } from "./arrived-upload.ts";

/** What an upload's vouchers prove against their cards. */
export interface Evidence {
  /** Vouchers of a counter that another message took first. */
  readonly forked: readonly VerifiedVoucher[];
  readonly contradictions: readonly Contradiction[];
}

/**
 * Records forks and contradictions, and revokes their cards, by one statement. Forked vouchers wait
 * for the first message of their counter. Answers who has to be woken.
 */
export async function convictCards(
  trx: DatabaseTransaction,
  { hash, receivedAt }: ArrivedUpload,
  { forked, contradictions }: Evidence,
): Promise<readonly WakeUp[]> {
  if (forked.length + contradictions.length === 0) return [];
  const cards = [...forked, ...contradictions].map(({ card }) => card);
  await sql`
    with found as (
      insert into forks (card, counter, found_at)
      select card, counter, ${receivedAt}::timestamptz
      from unnest(${forked.map(({ card }) => card)}::bytea[], ${forked.map(({ counter }) => String(counter))}::bigint[])
        as f (card, counter)
      on conflict (card, counter) do nothing),
    waiting as (
      update vouchers set state = 'forked'
      where id = any (${forked.map(({ id }) => id)}::bytea[]) and state = 'received'),
    told as (
      insert into anomalies (kind, upload, card, detail, found_at, messages)
      select 'CARD_CONTRADICTION', ${hash}::bytea, card, detail, ${receivedAt}::timestamptz,
        array(select b.id from vouchers b where b.card = c.card and b.counter = c.counter - 1
          order by b.received_at, b.id limit 1) || c.id
      from unnest(${contradictions.map(({ card }) => card)}::bytea[], ${contradictions.map(({ detail }) => detail)}::text[],
        ${contradictions.map(({ id }) => id)}::bytea[], ${contradictions.map(({ counter }) => String(counter))}::bigint[])
        as c (card, detail, id, counter)
      on conflict do nothing)
    update cards set status = ${cardStatuses.revoked} where card = any (${cards}::bytea[]) and status <> ${cardStatuses.revoked}`.execute(
    trx,
  );
  return [
    { topic: "status-list", subject: "due" },
    ...forked.flatMap(({ id, card }): WakeUp[] => [
      { topic: "compensate", subject: subjectOf(id) },
      { topic: "convict", subject: subjectOf(card) },
    ]),
  ];
}
