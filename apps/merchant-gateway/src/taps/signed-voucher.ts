import {
  assuranceClass,
  type CheckedVoucher,
  checkVoucher,
  decodeDomain,
  decodePayAnswer,
  decodePayRequest,
  encodeVoucherBundle,
  isProtocolError,
  type PaidVerdict,
  type PayAnswer,
  type SelectAnswer,
} from "@tallystick/protocol";
import type { Policies } from "../config/policies.ts";
import { signatureEngine } from "../keys/card-engine.ts";
import { SW_OK, SW_OUT_OF_TURN } from "../reader/status-words.ts";
import type { TapCard } from "../reader/tap-card.ts";
import { type IntendedRecord, shownBefore, type TapJournal } from "./tap-journal.ts";

/** What is needed to judge an answer. */
export interface CheckParts {
  readonly journal: Pick<TapJournal, "observations">;
  readonly policies: Pick<Policies, "issuerKeys">;
}

/**
 * Judges what a card answered to the PAY of an intent, with what this terminal has seen of the
 * card.
 */
export function checkAnswer(
  { journal: { observations }, policies }: CheckParts,
  tap: IntendedRecord,
  answer: PayAnswer,
  shownAfter: SelectAnswer | null,
): PaidVerdict {
  const paid = {
    domain: decodeDomain(tap.domainBytes),
    select: shownBefore(tap.intent),
    request: decodePayRequest(tap.intent.request),
    answer,
    observations: observations.around(tap.domainBytes, tap.cardKey, tap.intent.counter),
    pinVerified: tap.intent.pinVerified,
    shownAfter,
    issuerKeys: policies.issuerKeys,
  };
  return checkVoucher(paid, signatureEngine);
}

/** What a card has left to spend after a tap, for whom the mailbox is kept first (spec §5.10). */
export function sawCard(
  { mailbox }: Pick<TapJournal, "mailbox">,
  { domainBytes, intent }: IntendedRecord,
  voucher: CheckedVoucher | null,
): void {
  const { cardTag, allowanceBody, spent } = shownBefore(intent);
  const left = voucher === null ? allowanceBody.maxSpent - spent : leftAfter(voucher);
  mailbox.saw(domainBytes, cardTag, left);
}

/** Whether the key that a cardTag led to has signed decides how its card is asked next (spec §5.16). */
export function noteSignature(
  { knownCards }: Pick<TapJournal, "knownCards">,
  { domainBytes, intent }: IntendedRecord,
  isGood: boolean,
): void {
  const select = shownBefore(intent);
  if (isGood) knownCards.trust(domainBytes, select);
  else knownCards.doubt(domainBytes, select.cardTag, "signature");
}

function leftAfter({ bundle, observation }: CheckedVoucher): bigint {
  return bundle.allowanceBody.maxSpent - observation.spent;
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
  parts: CheckParts & { readonly journal: TapJournal },
  {
    card,
    tap,
    select,
    now,
  }: {
    readonly card: TapCard;
    readonly tap: IntendedRecord;
    /** As the card shows itself now. */
    readonly select: SelectAnswer;
    readonly now: number;
  },
): Promise<boolean> {
  const { journal } = parts;
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
    const { voucher } = checkAnswer(parts, tap, decodePayAnswer(outcome.data), select);
    if (voucher !== null) {
      journal.write(() => {
        keepVoucher(journal, tap, voucher, { now, reversed: true });
        noteSignature(journal, tap, true);
      });
    }
  } catch (error) {
    if (!isProtocolError(error)) throw error;
  }
  return true;
}
