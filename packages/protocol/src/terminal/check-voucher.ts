import { excessOf } from "./caps.ts";
import { equalBytes } from "../bytes/bytes.ts";
import type { Domain } from "../parties/domain.ts";
import { isProtocolError } from "../bytes/errors.ts";
import type { PayAnswer } from "../card/pay-answer.ts";
import type { PayRequest } from "../objects/pay-request.ts";
import { addressOfKey } from "../parties/public-key.ts";
import type { ReasonCode } from "./reasons.ts";
import type { SelectAnswer } from "../card/select-answer.ts";
import { pairFault, selfFault, type CardObservation } from "./card-observation.ts";
import { normalizeCardSignature, type NormalizedSignature } from "../parties/verifying.ts";
import { rebuildVoucher } from "../card/rebuild-voucher.ts";
import { messageHash, voucherId } from "../objects/voucher.ts";
import type { VoucherBundle } from "../objects/voucher-bundle.ts";
import type { AuthenticVoucher } from "./verify-voucher.ts";

/** Everything that a terminal holds when PAY has answered. */
export interface PaidTap {
  /** The domain under which decideTap accepted the card. */
  readonly domain: Domain;
  /** The last journalled SELECT whose counter was below the request's (spec §5.3). */
  readonly select: SelectAnswer;
  readonly request: PayRequest;
  readonly answer: PayAnswer;
  /** What this terminal has verified of this card before, in any order. */
  readonly observations: readonly CardObservation[];
  /** Whether the terminal had a PIN verified for exactly this request. */
  readonly pinVerified: boolean;
}

/** A voucher that is the card's, with all that its upload needs. */
export interface CheckedVoucher extends AuthenticVoucher {
  readonly bundle: VoucherBundle;
  /** For the vault, which recovers the card from the signature. */
  readonly parity: 0 | 1;
}

/**
 * The verdict after PAY. A voucher with a good signature is kept even when it is refused: it is
 * evidence, and is reversed.
 */
export type PaidVerdict =
  | { readonly ok: true; readonly voucher: CheckedVoucher }
  | { readonly ok: false; readonly reason: ReasonCode; readonly voucher: CheckedVoucher | null };

/**
 * Judges what the card answered to PAY (spec §5.4, 8 to 10, in that order): the signature over M
 * and D rebuilt here, agreement with SELECT, with itself and with earlier observations, the
 * allowance's caps. The allowance in SELECT has been verified by decideTap. Pure; never throws for
 * decoded answers.
 */
export function checkVoucher(tap: PaidTap): PaidVerdict {
  const { domain, select, request, answer } = tap;
  const { message, context } = rebuildVoucher(domain, request, answer);
  const hash = messageHash(message);
  const normalized = normalize(answer.signature, hash, select.cardKey);
  if (normalized === null) return { ok: false, reason: "VOUCHER_SIGNATURE_WRONG", voucher: null };

  const card = addressOfKey(select.cardKey);
  const { allowanceBody, allowanceSignature, cardKey } = select;
  const { spent, allowanceSeq, link } = context;
  const voucher: CheckedVoucher = {
    card,
    id: voucherId(card, message),
    observation: { counter: message.counter, amount: message.amount, spent, allowanceSeq, link, messageHash: hash },
    bundle: { cardKey, message, context, signature: normalized.signature, allowanceBody, allowanceSignature },
    parity: normalized.parity,
  };
  const reason =
    selectFault(tap) ??
    selfFault(voucher.observation) ??
    observationFault(voucher.observation, tap.observations) ??
    capFault(tap);
  return reason === null ? { ok: true, voucher } : { ok: false, reason, voucher };
}

function normalize(der: Uint8Array, digest: Uint8Array, cardKey: Uint8Array): NormalizedSignature | null {
  try {
    return normalizeCardSignature(der, digest, cardKey);
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}

function selectFault({ select, request, answer, pinVerified }: PaidTap): ReasonCode | null {
  if (answer.counter !== request.counter || request.counter !== select.counter + 1) return "COUNTER_MISMATCH";
  if (answer.spent !== select.spent + request.amount) return "SPENT_MISMATCH";
  if (answer.allowanceSeq !== select.allowanceBody.seq) return "SEQ_MISMATCH";
  if (!equalBytes(answer.link, select.head)) return "LINK_MISMATCH";
  if ((answer.cvm === 1) !== pinVerified) return "CVM_MISMATCH";
  return null;
}

function observationFault(payment: CardObservation, observations: readonly CardObservation[]): ReasonCode | null {
  for (const earlier of observations) {
    const fault = pairFault(earlier, payment);
    if (fault !== null) return fault;
  }
  return null;
}

function capFault({ select, request, answer }: PaidTap): ReasonCode | null {
  const { counter, amount, time, category } = request;
  return excessOf(
    select.allowanceBody,
    { counter, amount, spent: answer.spent, time, category, cvm: answer.cvm },
    select,
  );
}
