import { decodeSelectAnswer, type SelectAnswer } from "@tallystick/protocol";
import type { Journal } from "../journal/journal.ts";
import type { TapIntent, TapRecord } from "../journal/payments/tap-record.ts";

/** The stores that a tap changes. */
export type TapJournal = Pick<
  Journal,
  | "write"
  | "taps"
  | "sales"
  | "vouchers"
  | "reversals"
  | "observations"
  | "uploads"
  | "mailbox"
  | "knownCards"
  | "allowanceUpdates"
  | "stateProofs"
  | "certificates"
>;

/** A tap whose intent is durable, so that PAY may be sent. */
export type IntendedRecord = TapRecord & { readonly intent: TapIntent; readonly cardKey: Uint8Array };

/** Whether a tap of the journal has an intent. */
export function isIntended(tap: TapRecord): tap is IntendedRecord {
  return tap.intent !== null && tap.cardKey !== null;
}

const decoded = new WeakMap<TapIntent, SelectAnswer>();

/** What a card showed before an intent: read from its bytes once, for all who ask in one tap. */
export function shownBefore(intent: TapIntent): SelectAnswer {
  const known = decoded.get(intent);
  if (known !== undefined) return known;
  const select = decodeSelectAnswer(intent.selectAnswer);
  decoded.set(intent, select);
  return select;
}

/** A tap that was just written. */
export function writtenTap({ taps }: Pick<TapJournal, "taps">, id: string): TapRecord {
  const tap = taps.byId(id);
  if (tap === null) throw new Error(`tap ${id} is not in the journal`);
  return tap;
}

/** What the end of a tap without a PAY says of its card: nothing new. */
export const nothingNew = { sw: null, apdus: 0, answer: null, voucherId: null, spentAfter: null } as const;

/**
 * Says that nothing was given for a tap, within the caller's transaction; the reversal is signed
 * with the next upload.
 */
export function reverseTap(
  { taps, reversals }: Pick<TapJournal, "taps" | "reversals">,
  { id, state, domainBytes }: Pick<TapRecord, "id" | "state" | "domainBytes">,
  { code, now }: { readonly code: string | null; readonly now: number },
): void {
  taps.finish({ ...nothingNew, id, from: state, to: "reversed", saleOpen: false, code, now });
  reversals.add({ id, domainBytes }, now);
}
