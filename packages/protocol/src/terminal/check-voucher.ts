import { equalBytes } from "../bytes/bytes.ts";
import { isProtocolError } from "../bytes/errors.ts";
import type { PayAnswer } from "../card/pay-answer.ts";
import { rebuildVoucher } from "../card/rebuild-voucher.ts";
import type { SelectAnswer } from "../card/select-answer.ts";
import type { PayRequest } from "../objects/pay-request.ts";
import { messageHash } from "../objects/voucher/voucher.ts";
import type { VoucherBundle } from "../objects/voucher/voucher-bundle.ts";
import type { Domain } from "../parties/domain.ts";
import type { IssuerKey } from "../parties/issuer-key.ts";
import { lowCardSignature, type NormalizedSignature } from "../parties/verifying.ts";
import type { NoPinUse } from "./caps.ts";
import { type CardObservation, pairFault } from "./card-observation.ts";
import { judgeVoucher } from "./judge-voucher.ts";
import { isReasonCode, type ReasonCode } from "./reasons.ts";
import { protocolEngine, type SignatureChecks, type SignatureEngine } from "./signature-checks.ts";
import { verifyAllowance } from "./verify-allowance.ts";
import type { AgreementCode, AuthenticVoucher, CapCode, ExcessCode, WorthlessCode } from "./voucher-verdict.ts";

/** Everything that a terminal holds when PAY has answered. */
export interface PaidTap {
  /** The domain under which decideTap accepted the card. */
  readonly domain: Domain;
  /** The last journalled SELECT whose counter was below the request's (spec §5.3). */
  readonly select: SelectAnswer;
  /**
   * What SELECT showed after the payment, where the answer names a higher seq than `select`: somebody
   * else gave the card a newer allowance in between (spec §5.10).
   */
  readonly shownAfter?: SelectAnswer | null;
  /** Pinned keys, by which an allowance in `shownAfter` is verified. */
  readonly issuerKeys?: readonly IssuerKey[];
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
 * allowance's caps. The allowance in SELECT and the card's class have been judged by decideTap. Pure;
 * never throws for decoded answers.
 */
export function checkVoucher(tap: PaidTap, engine: SignatureEngine = protocolEngine): PaidVerdict {
  const { domain, request, answer } = tap;
  const select = paidUnder(tap, engine);
  const { message, context } = rebuildVoucher(domain, request, answer);
  const normalized = normalize(answer.signature, { digest: messageHash(message), cardKey: select.cardKey, engine });
  if (normalized === null) return { ok: false, reason: "VOUCHER_SIGNATURE_WRONG", voucher: null };

  const { allowanceBody, allowanceSignature, cardKey } = select;
  const bundle = { cardKey, message, context, signature: normalized.signature, allowanceBody, allowanceSignature };
  const verdict = judgeVoucher(bundle, { checks: checkedBefore(normalized, engine), domain, noPin: select });
  if (verdict.worth === "nothing") return { ok: false, reason: worthlessReason(verdict.code), voucher: null };
  const voucher: CheckedVoucher = { ...verdict.voucher, bundle };
  const codes = verdict.worth === "promised" ? [] : verdict.codes.filter(isTerminalReason);
  const reason =
    selectFault({ ...tap, select }) ??
    codes.find(isAgreementCode) ??
    observationFault(voucher.observation, tap.observations) ??
    codes[0] ??
    null;
  return reason === null ? { ok: true, voucher } : { ok: false, reason, voucher };
}

/**
 * The SELECT to judge by: with the allowance that the card showed after the payment, where that has
 * the answer's seq, agrees with the payment and is the issuer's; else the one before, whose seq is
 * then not the answer's.
 */
function paidUnder(tap: PaidTap, engine: SignatureEngine): SelectAnswer {
  const { domain, select, shownAfter: after = null, request, answer } = tap;
  if (after === null || answer.allowanceSeq <= select.allowanceBody.seq) return select;
  const { allowanceBody: body, allowanceSignature: signature } = after;
  const agrees =
    body.seq === answer.allowanceSeq &&
    after.counter === answer.counter &&
    after.spent === answer.spent &&
    equalBytes(after.cardKey, select.cardKey) &&
    equalBytes(after.head, messageHash(rebuildVoucher(domain, request, answer).message));
  if (!agrees) return select;
  const { issuerKeys = [] } = tap;
  if (!verifyAllowance({ domain, cardKey: select.cardKey, body, signature }, issuerKeys, engine).ok) return select;
  return { ...select, ...noPinBefore(tap, after), allowanceBody: body, allowanceSignature: signature };
}

/** What the card had paid without PIN before this payment: an update may have started that anew. */
function noPinBefore({ request, answer }: PaidTap, after: SelectAnswer): Partial<NoPinUse> {
  const counted = answer.cvm === 0 && after.noPinUsed >= request.amount && after.noPinTaps > 0;
  return counted ? { noPinUsed: after.noPinUsed - request.amount, noPinTaps: after.noPinTaps - 1 } : {};
}

/** What decideTap and the normalizing of the DER form have verified already, as the judge asks for it. */
function checkedBefore({ parity }: NormalizedSignature, { addressOf }: SignatureEngine): SignatureChecks {
  return { addressOf, allowanceFault: () => null, parityOf: () => parity };
}

/** Codes for which a terminal refuses; the others need a certificate or an arrival, or are decideTap's. */
function isTerminalReason(code: ExcessCode): code is AgreementCode | CapCode {
  return isReasonCode(code);
}

function isAgreementCode(code: AgreementCode | CapCode): code is AgreementCode {
  return code.endsWith("_MISMATCH");
}

/** A bundle that was rebuilt from the terminal's own request can fail by its card key alone. */
function worthlessReason(code: WorthlessCode): ReasonCode {
  return isReasonCode(code) ? code : "VOUCHER_SIGNATURE_WRONG";
}

function normalize(
  der: Uint8Array,
  by: { readonly digest: Uint8Array; readonly cardKey: Uint8Array; readonly engine: SignatureEngine },
): NormalizedSignature | null {
  try {
    const signature = lowCardSignature(der);
    const parity = by.engine.parityOf(signature, by.digest, by.cardKey);
    return parity === null ? null : { signature, parity };
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
