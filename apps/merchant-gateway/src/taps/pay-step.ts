import {
  type CheckedVoucher,
  decodePayAnswer,
  type Freshness,
  isProtocolError,
  type PayAnswer,
  type ReasonCode,
  reasonOfStatusWord,
  RING_SIZE,
  type SelectAnswer,
  withinUploadWindow,
} from "@tallystick/protocol";
import type { TapRecord, TapState } from "../journal/payments/tap-record.ts";
import { SW_OK, SW_OUT_OF_TURN, statusWordText } from "../reader/status-words.ts";
import type { CommandForm, PayOutcome, TapCard } from "../reader/tap-card.ts";
import { inFull, needsLongPay, replaces } from "./memory/short-pay.ts";
import type { TapEngineParts } from "./sale.ts";
import { checkAnswer, keepVoucher, noteSignature, sawCard } from "./signed-voucher.ts";
import { type IntendedRecord, reverseTap, shownBefore, writtenTap } from "./tap-journal.ts";

/** What is known when PAY has ended. */
interface Verdict {
  readonly to: TapState;
  readonly code: ReasonCode | null;
  readonly voucher: CheckedVoucher | null;
}

/** What judges what a card answered. */
export type PayStepParts = Pick<TapEngineParts, "journal" | "policies" | "lane">;

export interface PayStepOptions {
  readonly card: TapCard;
  /** The instance that is selected. */
  readonly instance: number;
  readonly tap: IntendedRecord;
  /** Short for a new payment of a card that has shown it; what is sent again is long (spec §5.16). */
  readonly form: CommandForm;
  /** Counter that the card showed in SELECT: at or above the intent's, PAY can only read. */
  readonly shownCounter: number;
  /** Commands sent for this tap before this PAY, to be counted with it. */
  readonly apdusBefore: number;
  readonly now: number;
  readonly freshness: Freshness;
}

/**
 * Sends the PAY of a durable intent and makes what came of it durable: voucher, what was seen of
 * the card, the state and the time, in one transaction (spec §5.1). Answers the tap as the journal
 * has it then.
 */
export async function payStep(parts: PayStepParts, options: PayStepOptions): Promise<TapRecord> {
  return record(parts, options, await ask(parts, options));
}

/** What PAY came to, and how many commands it took. */
interface Asked {
  readonly outcome: PayOutcome;
  readonly verdict: Verdict;
  readonly commands: number;
}

/** PAY, in the short form first where that is asked for (spec §5.16). */
async function ask(parts: PayStepParts, options: PayStepOptions): Promise<Asked> {
  const { card, tap, form } = options;
  const { request } = tap.intent;
  const first = await card.pay(request, form);
  const outcome = form === "short" ? inFull(first, tap) : first;
  const asked = { outcome, verdict: await judge(parts, options, outcome), commands: 1 };
  if (form === "long" || !needsLongPay(outcome, asked.verdict.code)) return asked;
  const long = await card.pay(request);
  if (!replaces(long, outcome)) return { ...asked, commands: 2 };
  return { outcome: long, verdict: await judge(parts, options, long), commands: 2 };
}

async function judge(parts: PayStepParts, options: PayStepOptions, outcome: PayOutcome): Promise<Verdict> {
  const { tap, shownCounter, now, freshness } = options;
  if (outcome.kind === "torn") return open("TAP_TORN");
  if (outcome.sw === SW_OUT_OF_TURN && shownCounter >= tap.intent.counter) {
    // The ring still reaches back to this counter, so the card says that it never paid this request
    // (spec §5.3).
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
  const shown = await shownAfter(options, answer);
  // It paid, and was taken away before it showed under which allowance: the same card repeats it.
  if (shown === "gone") return open("TAP_UNRESOLVED");
  const checked = checkAnswer(parts, tap, answer, shown);
  if (!checked.ok) return { to: "refused", code: checked.reason, voucher: checked.voucher };
  if (!withinUploadWindow({ madeAt: tap.intent.requestTime, time: now, freshness })) {
    return { to: "refused", code: "PAID_TOO_LATE", voucher: checked.voucher };
  }
  return { to: "accepted", code: null, voucher: checked.voucher };
}

/**
 * What SELECT shows after a payment that names a newer allowance than the journalled SELECT: somebody
 * else gave it to the card in between (spec §5.10). Null where nothing of the kind is shown.
 */
async function shownAfter(
  { card, tap, instance }: PayStepOptions,
  { allowanceSeq }: PayAnswer,
): Promise<SelectAnswer | null | "gone"> {
  if (allowanceSeq <= shownBefore(tap.intent).allowanceBody.seq) return null;
  try {
    const outcome = await card.select(instance, "long");
    return outcome.kind === "card" ? outcome.select : null;
  } catch {
    return "gone";
  }
}

/**
 * Status words that a card gives before it has written anything: the refusals of spec §4.6 and the
 * faults of form. Any other one may come after the debit, so the tap stays unresolved and the card
 * is asked again.
 */
function refusesBeforeWriting(sw: number): boolean {
  const high = sw >> 8;
  return high === 0x9e || high === 0x67 || high === 0x69 || (high >= 0x6a && high <= 0x6e);
}

function open(code: ReasonCode): Verdict {
  return { to: "unresolved", code, voucher: null };
}

function refused(code: ReasonCode): Verdict {
  return { to: "refused", code, voucher: null };
}

/**
 * A refusal of a first PAY ends the tap; one of a repeated PAY proves nothing, because a replay is
 * never refused (spec §4.5).
 */
function rejected(sw: number, shownCounter: number, tap: IntendedRecord): Verdict {
  return shownCounter >= tap.intent.counter ? open("TAP_UNRESOLVED") : refused(reasonOfStatusWord(sw));
}

function record(
  { journal, lane }: PayStepParts,
  options: PayStepOptions,
  { outcome, verdict, commands }: Asked,
): TapRecord {
  const { tap, now, apdusBefore } = options;
  const { voucher } = verdict;
  const accepted = verdict.to === "accepted" && voucher !== null;
  journal.write(() => {
    const paidBefore = journal.taps.bySale(tap.saleId)?.state === "accepted";
    journal.taps.finish({
      // The card that paid lies here, wherever it was asked first.
      ...(accepted && tap.lane !== lane ? { lane } : {}),
      id: tap.id,
      from: tap.state,
      to: verdict.to,
      saleOpen: verdict.to === "unresolved" && (tap.saleOpen || tap.state === "intent"),
      code: verdict.code,
      sw: outcome.kind === "answer" ? statusWordText(outcome.sw) : null,
      apdus: apdusBefore + commands,
      answer: outcome.kind === "answer" ? outcome.data : null,
      voucherId: accepted ? voucher.id : null,
      spentAfter: voucher === null ? null : voucher.observation.spent,
      now,
    });
    sawCard(journal, tap, voucher);
    if (voucher !== null || verdict.code === "VOUCHER_SIGNATURE_WRONG") noteSignature(journal, tap, voucher !== null);
    const reversal = { code: verdict.code, now };
    if (voucher === null) {
      // Nobody signs a status word, and somebody on the way may have put it, or spoilt bytes, in
      // place of what the card signed: the terminal reverses the payment, and asks the card again
      // when it comes back (spec §5.3).
      const answered = verdict.to === "refused" && outcome.kind === "answer";
      if (answered) reverseTap(journal, { ...tap, state: verdict.to }, reversal);
      // A repeated PAY has asked already.
      if (verdict.code === "NOTHING_HAPPENED") journal.taps.readBack(tap, now);
      return;
    }
    keepVoucher(journal, tap, voucher, { now, reversed: !accepted });
    // What the card signed and the terminal did not accept is reversed and sent, so that its value
    // goes back (spec §5.4).
    if (!accepted) reverseTap(journal, { ...tap, state: verdict.to }, reversal);
    // A sale is paid once: what a second card signed for it goes back to that card (spec §5.3).
    else if (paidBefore) journal.reversals.add(tap, now);
  });
  return writtenTap(journal, tap.id);
}
