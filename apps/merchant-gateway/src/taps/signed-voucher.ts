import {
  assuranceClass,
  type CheckedVoucher,
  checkVoucher,
  decodeDomain,
  decodePayAnswer,
  decodePayRequest,
  decodeSelectAnswer,
  encodeVoucherBundle,
  isProtocolError,
  type PaidVerdict,
  type PayAnswer,
} from "@tallystick/protocol";
import { signatureEngine } from "../keys/card-engine.ts";
import { SW_OK, SW_OUT_OF_TURN } from "../reader/status-words.ts";
import type { TapCard } from "../reader/tap-card.ts";
import type { IntendedRecord, TapJournal } from "./tap-journal.ts";

/**
 * Judges what a card answered to the PAY of an intent, with what this terminal has seen of the
 * card.
 */
export function checkAnswer(
  { observations }: Pick<TapJournal, "observations">,
  tap: IntendedRecord,
  answer: PayAnswer,
): PaidVerdict {
  const paid = {
    domain: decodeDomain(tap.domainBytes),
    select: decodeSelectAnswer(tap.intent.selectAnswer),
    request: decodePayRequest(tap.intent.request),
    answer,
    observations: observations.around(tap.domainBytes, tap.cardKey, tap.intent.counter),
    pinVerified: tap.intent.pinVerified,
  };
  return checkVoucher(paid, signatureEngine);
}

/** Keeps what the card signed: the voucher for settlement, and what it shows of the card. */
export function keepVoucher(
  { observations, taps, vouchers }: Pick<TapJournal, "observations" | "taps" | "vouchers">,
  tap: IntendedRecord,
  voucher: CheckedVoucher,
  { now, reversed }: { readonly now: number; readonly reversed: boolean },
): void {
  const { domainBytes, cardKey, intent } = tap;
  observations.add(domainBytes, cardKey, voucher.observation);
  vouchers.keep(
    {
      ...{ id: voucher.id, tapId: tap.id, domainBytes, cardKey, amount: tap.amount, reversed },
      counter: intent.counter,
      requestTime: intent.requestTime,
      software: assuranceClass(voucher.bundle.allowanceBody) === 2,
      entry: encodeVoucherBundle(voucher.bundle),
    },
    now,
  );
  if (reversed) taps.readBack(tap, now);
  // One counter signs one message, so no other request for it can have run: their card need not be
  // asked.
  for (const other of taps.toReadBackAt(tap, intent.counter)) if (other.id !== tap.id) taps.readBack(other, now);
}

/**
 * Asks the card of a reversed tap whether it paid, when it comes back at or above the tap's counter
 * (spec §5.3). What it signed is sent to settlement beside the reversal, so that its value goes
 * back. Answers false where the card has gone.
 */
export async function readBack(
  journal: TapJournal,
  { card, tap, now }: { readonly card: TapCard; readonly tap: IntendedRecord; readonly now: number },
): Promise<boolean> {
  const outcome = await card.pay(tap.intent.request);
  if (outcome.kind === "torn") return false;
  // It never paid the request, or so many payments ago that it cannot read it any more: nothing is
  // left to ask.
  if (outcome.sw === SW_OUT_OF_TURN) {
    journal.write(() => {
      journal.taps.readBack(tap, now);
    });
  }
  if (outcome.sw !== SW_OK) return true;
  try {
    const { voucher } = checkAnswer(journal, tap, decodePayAnswer(outcome.data));
    if (voucher !== null) {
      journal.write(() => {
        keepVoucher(journal, tap, voucher, { now, reversed: true });
      });
    }
  } catch (error) {
    if (!isProtocolError(error)) throw error;
  }
  return true;
}
