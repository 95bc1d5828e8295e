import {
  decodePayRequest,
  decodeShortPayAnswer,
  encodePayAnswer,
  isProtocolError,
  rebuildPayAnswer,
} from "@tallystick/protocol";
import { SW_OK, SW_WRONG_PARAMETERS } from "../../reader/status-words.ts";
import type { PayOutcome } from "../../reader/tap-card.ts";
import { type IntendedRecord, shownBefore } from "../tap-journal.ts";

/**
 * What a card answered to the short PAY as it would have answered the long one, by its SELECT and the
 * request (spec §4.5); as it came where no decoder takes it.
 */
export function inFull(outcome: PayOutcome, { intent }: IntendedRecord): PayOutcome {
  if (outcome.kind === "torn" || outcome.sw !== SW_OK) return outcome;
  try {
    const after = { select: shownBefore(intent), request: decodePayRequest(intent.request) };
    return { ...outcome, data: encodePayAnswer(rebuildPayAnswer(decodeShortPayAnswer(outcome.data), after)) };
  } catch (error) {
    // What cannot be a short answer must not be taken for a long one either.
    if (isProtocolError(error)) return { ...outcome, data: new Uint8Array(0) };
    throw error;
  }
}

/**
 * Whether a short PAY is sent again in the long form (spec §5.16): the card does not know the short one,
 * or what it answered is not signed as rebuilt. A card that paid repeats its voucher, without a debit.
 */
export function needsLongPay(outcome: PayOutcome, code: string | null): boolean {
  if (outcome.kind === "torn") return false;
  if (outcome.sw !== SW_OK) return outcome.sw === SW_WRONG_PARAMETERS;
  return code === "VOUCHER_SIGNATURE_WRONG" || code === "CARD_ANSWER_MALFORMED";
}

/** Whether the long form's answer is judged in place of the short one's: a replay is never refused (spec §4.5). */
export function replaces(long: PayOutcome, short: PayOutcome): boolean {
  if (short.kind === "torn" || short.sw !== SW_OK) return true;
  return long.kind === "torn" || long.sw === SW_OK;
}
