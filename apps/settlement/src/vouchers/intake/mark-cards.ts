import { cardStatuses, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { WakeUp } from "../../foundation/outbox/outbox.ts";
import { judgeSigned } from "../forks/signed-sum.ts";
import type { VerifiedStateProof, VerifiedVoucher } from "../verification/upload-verdict.ts";

/** What an upload shows about its cards. */
export interface ShownByUpload {
  readonly fresh: readonly VerifiedVoucher[];
  /** Those of whose counter no message was known before, one a counter. */
  readonly unknown: readonly VerifiedVoucher[];
  readonly proofs: readonly VerifiedStateProof[];
}

/** `7F`: the card will never pay again, only its `spent` counts (spec §6.3). */
const TERMINATED = 0x7f;

interface CardMark {
  readonly card: Uint8Array;
  signedUnits: bigint;
  shownSeq: number;
  terminated: boolean;
}

/**
 * Adds to the cards' own rows what an upload shows: which allowance a card holds, so that older ones
 * no longer count for the funding rule (spec §6.3), whether it has ended, and what it has signed. A
 * card whose sum is above every allowance is judged (spec §6.1). The caller has locked the cards.
 */
export async function markCards(trx: DatabaseTransaction, shown: ShownByUpload, now: Date): Promise<readonly WakeUp[]> {
  const marks = marksOf(shown);
  if (marks.length === 0) return [];
  const { rows } = await sql<{ card: Uint8Array; above: boolean }>`
    update cards set signed_units = cards.signed_units + m.units, shown_seq = greatest(cards.shown_seq, m.seq),
      shown_terminated = cards.shown_terminated or m.terminated
    from unnest(${marks.map(({ card }) => card)}::bytea[], ${marks.map(({ signedUnits }) => String(signedUnits))}::bigint[],
      ${marks.map(({ shownSeq }) => String(shownSeq))}::bigint[], ${marks.map(({ terminated }) => terminated)}::boolean[])
      as m (card, units, seq, terminated)
    where cards.card = m.card
      and (m.units > 0 or m.seq > cards.shown_seq or (m.terminated and not cards.shown_terminated))
    returning cards.card, m.units > 0 and status <> ${cardStatuses.revoked} and signed_units > greatest(judged_units,
      (select coalesce(max(max_spent_units), 0) from allowances a where a.card = cards.card)) as above`.execute(trx);
  const above = rows.filter((row) => row.above).map(({ card }) => card);
  const overspent = [];
  for (const card of above.sort(Buffer.compare)) if (await judgeSigned(trx, card, now)) overspent.push(card);
  return overspent.map(() => ({ topic: "status-list", subject: "due" }));
}

function marksOf({ fresh, unknown, proofs }: ShownByUpload): readonly CardMark[] {
  const marks = new Map<string, CardMark>();
  const markOf = (card: Uint8Array): CardMark => {
    const mark = marks.get(toHex(card)) ?? { card, signedUnits: 0n, shownSeq: 0, terminated: false };
    marks.set(toHex(card), mark);
    return mark;
  };
  // A sequence without the allowance that the issuer signed under it shows nothing.
  for (const { card, allowanceSeq, showsAllowance } of fresh) {
    if (showsAllowance) markOf(card).shownSeq = Math.max(markOf(card).shownSeq, allowanceSeq);
  }
  for (const { card, amount } of unknown) markOf(card).signedUnits += amount;
  for (const { card, seq, state } of proofs) {
    const mark = markOf(card);
    mark.shownSeq = Math.max(mark.shownSeq, seq);
    mark.terminated ||= state === TERMINATED;
  }
  return [...marks.values()];
}
