import {
  type CheckedVoucher,
  checkVoucher,
  decodeDomain,
  decodePayAnswer,
  decodePayRequest,
  decodeSelectAnswer,
  encodeVoucherBundle,
  isProtocolError,
  assuranceClass,
  type PayAnswer,
  type PaidVerdict,
  type ReasonCode,
  reasonOfStatusWord,
  RING_SIZE,
  withinUploadWindow,
  type Freshness,
} from "@tallystick/protocol";
import type { Journal } from "../journal/journal.ts";
import type { TapIntent, TapRecord, TapState } from "../journal/tap-record.ts";
import { type PayOutcome, statusWordText, type TapCard } from "../reader/tap-card.ts";

/** A tap whose intent is durable, so that PAY may be sent. */
export type IntendedRecord = TapRecord & { readonly intent: TapIntent; readonly cardKey: Uint8Array };

/** Whether a tap of the journal has an intent. */
export function isIntended(tap: TapRecord): tap is IntendedRecord {
  return tap.intent !== null && tap.cardKey !== null;
}

/** What is known when PAY has ended. */
interface Verdict {
  readonly to: TapState;
  readonly code: ReasonCode | null;
  readonly voucher: CheckedVoucher | null;
}

const SW_OK = 0x9000;
const SW_OUT_OF_TURN = 0x9e08;

/**
 * Status words that a card gives before it has written anything: the refusals of spec §4.6 and the faults of form. Any
 * other one may come after the debit, so the tap stays unresolved and the card is asked again.
 */
function refusesBeforeWriting(sw: number): boolean {
  const high = sw >> 8;
  return high === 0x9e || high === 0x67 || high === 0x69 || (high >= 0x6a && high <= 0x6e);
}

export interface PayStepOptions {
  readonly card: TapCard;
  readonly tap: IntendedRecord;
  /** Counter that the card showed in SELECT: at or above the intent's, PAY can only read. */
  readonly shownCounter: number;
  /** Commands sent for this tap before this PAY, to be counted with it. */
  readonly apdusBefore: number;
  readonly now: number;
  readonly freshness: Freshness;
}

/**
 * Sends the PAY of a durable intent and makes what came of it durable: voucher, what was seen of the card, the state and
 * the time, in one transaction (spec §5.1). Answers the tap as the journal has it then.
 */
export async function payStep(journal: Journal, options: PayStepOptions): Promise<TapRecord> {
  const { card, tap } = options;
  const outcome = await card.pay(tap.intent.request);
  const verdict = judge(journal, options, outcome);
  return record(journal, options, outcome, verdict);
}

function judge(journal: Journal, options: PayStepOptions, outcome: PayOutcome): Verdict {
  const { tap, shownCounter, now, freshness } = options;
  if (outcome.kind === "torn") return open("TAP_TORN");
  if (outcome.sw === SW_OUT_OF_TURN && shownCounter >= tap.intent.counter) {
    // The ring still reaches back to this counter, so the card says that it never paid this request (spec §5.3).
    return shownCounter < tap.intent.counter + RING_SIZE ? refused("NOTHING_HAPPENED") : open("TAP_UNRESOLVED");
  }
  if (outcome.sw !== SW_OK)
    return refusesBeforeWriting(outcome.sw) ? rejected(outcome.sw, shownCounter, tap) : open("TAP_UNRESOLVED");
  let answer: PayAnswer;
  try {
    answer = decodePayAnswer(outcome.data);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    // It may have paid: the same card can be asked again and repeats what it signed.
    return open("CARD_ANSWER_MALFORMED");
  }
  const checked = check(journal, tap, answer);
  if (!checked.ok) return { to: "refused", code: checked.reason, voucher: checked.voucher };
  if (!withinUploadWindow({ madeAt: tap.intent.requestTime, time: now, freshness })) {
    return { to: "refused", code: "PAID_TOO_LATE", voucher: checked.voucher };
  }
  return { to: "accepted", code: null, voucher: checked.voucher };
}

function open(code: ReasonCode): Verdict {
  return { to: "unresolved", code, voucher: null };
}

function refused(code: ReasonCode): Verdict {
  return { to: "refused", code, voucher: null };
}

/** A refusal of a first PAY ends the tap; one of a repeated PAY proves nothing, because a replay is never refused (spec §4.5). */
function rejected(sw: number, shownCounter: number, tap: IntendedRecord): Verdict {
  return shownCounter >= tap.intent.counter ? open("TAP_UNRESOLVED") : refused(reasonOfStatusWord(sw));
}

function check(journal: Journal, tap: IntendedRecord, answer: PayAnswer): PaidVerdict {
  return checkVoucher({
    domain: decodeDomain(tap.domainBytes),
    select: decodeSelectAnswer(tap.intent.selectAnswer),
    request: decodePayRequest(tap.intent.request),
    answer,
    observations: journal.knowledge.sightings(tap.domainBytes, tap.cardKey, tap.intent.counter),
    pinVerified: tap.intent.pinVerified,
  });
}

function record(journal: Journal, options: PayStepOptions, outcome: PayOutcome, verdict: Verdict): TapRecord {
  const { tap, now, apdusBefore } = options;
  const { voucher } = verdict;
  const accepted = verdict.to === "accepted" && voucher !== null;
  journal.write(() => {
    journal.knowledge.raiseClockFloor(now);
    journal.taps.finish({
      id: tap.id,
      from: tap.state,
      to: verdict.to,
      saleOpen: verdict.to === "unresolved" && (tap.saleOpen || tap.state === "intent"),
      code: verdict.code,
      sw: outcome.kind === "answer" ? statusWordText(outcome.sw) : null,
      apdus: apdusBefore + 1,
      answer: outcome.kind === "answer" ? outcome.data : null,
      voucherId: accepted ? voucher.id : null,
      spentAfter: voucher === null ? null : voucher.observation.spent,
      now,
    });
    if (voucher === null) {
      // Nobody signs a status word, and somebody on the way may have put it, or spoilt bytes, in place of what the card signed: the till
      // gives its word that it gave nothing, and asks the card again when it comes back (spec §5.3).
      const answered = verdict.to === "refused" && outcome.kind === "answer";
      if (answered) cancelTap(journal, { ...tap, state: verdict.to }, { code: verdict.code, now });
      // A repeated PAY has asked already.
      if (verdict.code === "NOTHING_HAPPENED") journal.taps.readBack(tap, now);
      return;
    }
    keepVoucher(journal, tap, voucher, { now, cancelled: !accepted });
    // What the card signed and the till did not accept is cancelled and sent, so that its value goes back (spec §5.4).
    if (!accepted) cancelTap(journal, { ...tap, state: verdict.to }, { code: verdict.code, now });
  });
  return reread(journal, tap.id);
}

/** Keeps what the card signed: the voucher for settlement, and what it shows of the card. */
function keepVoucher(
  journal: Journal,
  tap: IntendedRecord,
  voucher: CheckedVoucher,
  { now, cancelled }: { readonly now: number; readonly cancelled: boolean },
): void {
  const entry = encodeVoucherBundle(voucher.bundle);
  journal.knowledge.seeCard(tap.domainBytes, tap.cardKey, voucher.observation);
  journal.vouchers.keep(
    {
      id: voucher.id,
      tapId: tap.id,
      domainBytes: tap.domainBytes,
      cardKey: tap.cardKey,
      counter: tap.intent.counter,
      amount: tap.amount,
      requestTime: tap.intent.requestTime,
      software: assuranceClass(voucher.bundle.allowanceBody) === 2,
      cancelled,
      entry,
    },
    now,
  );
  if (cancelled) journal.taps.readBack(tap, now);
  // One counter signs one message, so no other request for it can have run: their card need not be asked.
  for (const other of journal.taps.toReadBackAt(tap, tap.intent.counter))
    if (other.id !== tap.id) journal.taps.readBack(other, now);
}

/**
 * Asks the card of a cancelled tap whether it paid, when it comes back at or above the tap's counter (spec §5.3). What it signed
 * is sent to settlement beside the cancellation, so that its value goes back. Answers false where the card has gone.
 */
export async function readBack(
  journal: Journal,
  options: {
    readonly card: TapCard;
    readonly tap: IntendedRecord;
    readonly now: number;
  },
): Promise<boolean> {
  const { card, tap, now } = options;
  const outcome = await card.pay(tap.intent.request);
  if (outcome.kind === "torn") return false;
  // It never paid the request, or so many payments ago that it cannot read it any more: nothing is left to ask.
  if (outcome.sw === SW_OUT_OF_TURN) {
    journal.write(() => {
      journal.taps.readBack(tap, now);
    });
  }
  if (outcome.sw !== SW_OK) return true;
  try {
    const { voucher } = check(journal, tap, decodePayAnswer(outcome.data));
    if (voucher !== null) {
      journal.write(() => {
        keepVoucher(journal, tap, voucher, { now, cancelled: true });
      });
    }
  } catch (error) {
    if (!isProtocolError(error)) throw error;
  }
  return true;
}

/** Gives the word that nothing was given for a tap, within the caller's transaction. */
export function cancelTap(
  journal: Journal,
  tap: TapRecord,
  { code, now }: { readonly code: string | null; readonly now: number },
): void {
  journal.taps.finish({
    id: tap.id,
    from: tap.state,
    to: "cancelled",
    saleOpen: false,
    code,
    sw: null,
    apdus: 0,
    answer: null,
    voucherId: null,
    spentAfter: null,
    now,
  });
  journal.cancellations.give(tap, now);
}

function reread(journal: Journal, id: string): TapRecord {
  const tap = journal.taps.byId(id);
  if (tap === null) throw new Error(`tap ${id} has left the journal`);
  return tap;
}
