import { NEW_NO_PIN_SUMS } from "@tallystick/protocol";
import { sql } from "kysely";

/** What is known of a card's starts of its no-PIN sums (spec §6.10). */
export interface ResetView {
  /** The last allowance that did it; null where none did. */
  readonly lastReset: { readonly seq: bigint } | null;
  readonly shownSeq: bigint;
  /** The highest seq that a lost database may have signed; 0 where none was lost. */
  readonly restoreJump: bigint;
}

/** The last allowance of a row of `cards` that started the no-PIN sums anew: its seq and stored_at. */
export const lastResetOfCards = sql<{ seq: bigint; stored_at: Date }>`
  select a.seq, a.stored_at from allowances a
  where a.card = cards.card and (get_byte(a.body, 61) & ${sql.lit(NEW_NO_PIN_SUMS)}) <> 0 order by a.seq desc limit 1`;

/** Whether the no-PIN sums of a card may start anew: hoarded starts must not apply in sequence. */
export function mayReset({ lastReset, shownSeq, restoreJump }: ResetView): boolean {
  if (restoreJump > 0n && shownSeq <= restoreJump) return false;
  return lastReset === null || shownSeq >= lastReset.seq;
}
