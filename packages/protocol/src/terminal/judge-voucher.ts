import { equalBytes } from "../bytes/bytes.ts";
import { isProtocolError } from "../bytes/errors.ts";
import { CLOCK_SKEW_SECONDS } from "../bytes/limits.ts";
import { assuranceClass } from "../objects/allowance.ts";
import type { MerchantCertificate } from "../objects/merchant-certificate.ts";
import { messageHash, voucherId } from "../objects/voucher/voucher.ts";
import { decodeVoucherBundle, type VoucherBundle } from "../objects/voucher/voucher-bundle.ts";
import { contextHash, type VoucherContext } from "../objects/voucher/voucher-context.ts";
import type { Address } from "../parties/address.ts";
import { type Domain, sameDomain } from "../parties/domain.ts";
import { excessesOf, type NoPinUse } from "./caps.ts";
import { type CardObservation, selfFault } from "./card-observation.ts";
import type { SignatureChecks } from "./signature-checks.ts";
import type { AuthenticVoucher, ExcessCode, VoucherVerdict, WorthlessCode } from "./voucher-verdict.ts";

/** What a certificate says of the vouchers of its terminal (spec §3.4). */
export type CertifiedLimits = Pick<
  MerchantCertificate,
  "payee" | "category" | "terminalId" | "notBefore" | "notAfter" | "perTap" | "softwareSum"
>;

/** The terminal that took a voucher, as its issuer certified it. */
export interface CertifiedTerminal {
  readonly certificate: CertifiedLimits;
  /** Seconds; from this time on the issuer has withdrawn it. */
  readonly withdrawnAt?: number;
  /** Units of other class-2 vouchers of this terminal that count against softwareSum. */
  readonly softwareBefore: bigint;
}

/** When a voucher reached whoever judges it. */
export interface Arrival {
  /** Seconds. */
  readonly at: number;
  /** U (spec §1.3). */
  readonly uploadWindowSeconds: number;
}

/** What a voucher is judged by. What is left out is not judged. */
export interface VoucherGrounds {
  readonly checks: SignatureChecks;
  /** The domain that the voucher must be of; without it, the one that its message names. */
  readonly domain?: Domain;
  /** The payee that it must pay; a certificate's is judged without being named here. */
  readonly payee?: Address;
  /** Without a certificate nothing of a class-2 card is promised. */
  readonly terminal?: CertifiedTerminal;
  readonly arrival?: Arrival;
  /** What the card had paid without PIN before; without it the payment's own amount is judged. */
  readonly noPin?: NoPinUse;
}

/**
 * Judges one voucher from its bundle: the only judge of the protocol (spec §5.4, §6.8). A terminal
 * asks it after PAY, settlement when an upload comes, an integrator with pinned issuer keys alone.
 * Whether the card has been copied and whether the vault has already paid the counter is not in a
 * bundle. Pure; never throws for a decoded bundle.
 */
export function judgeVoucher(bundle: VoucherBundle, grounds: VoucherGrounds): VoucherVerdict {
  const authenticity = authenticate(bundle, grounds);
  if (typeof authenticity === "string") return { worth: "nothing", code: authenticity };
  const voucher = authenticity;
  const [first, ...others] = [
    ...agreementFaults(bundle, voucher.observation),
    ...capExcesses(bundle, grounds),
    ...arrivalExcesses(bundle.context, grounds.arrival),
    ...certificateExcesses(bundle, grounds),
    ...classExcesses(bundle, grounds.terminal),
  ];
  return first === undefined
    ? { worth: "promised", voucher }
    : { worth: "authentic", codes: [first, ...others], voucher };
}

/** The same from the 382 bytes of a bundle; what no decoder takes is MALFORMED_VOUCHER. */
export function judgeVoucherBytes(bytes: Uint8Array, grounds: VoucherGrounds): VoucherVerdict {
  let bundle: VoucherBundle;
  try {
    bundle = decodeVoucherBundle(bytes);
  } catch (error) {
    if (isProtocolError(error)) return { worth: "nothing", code: "MALFORMED_VOUCHER", fault: error.code };
    throw error;
  }
  return judgeVoucher(bundle, grounds);
}

function authenticate(bundle: VoucherBundle, grounds: VoucherGrounds): AuthenticVoucher | WorthlessCode {
  const { cardKey, message, context, allowanceBody: body, allowanceSignature, signature } = bundle;
  const { checks } = grounds;
  if (grounds.domain !== undefined && !sameDomain(message.domain, grounds.domain)) return "WRONG_DOMAIN";
  const payee = grounds.payee ?? grounds.terminal?.certificate.payee;
  if (payee !== undefined && !equalBytes(message.payee, payee)) return "FOREIGN_PAYEE";
  const card = checks.addressOf(cardKey);
  if (card === null) return "CARD_KEY_INVALID";
  const fault = checks.allowanceFault(card, {
    ...{ domain: message.domain, cardKey, body },
    signature: allowanceSignature,
  });
  if (fault !== null) return fault;
  if (!equalBytes(message.context, contextHash(context))) return "CONTEXT_MISMATCH";
  const hash = messageHash(message);
  const parity = checks.parityOf(signature, hash, cardKey);
  if (parity === null) return "VOUCHER_SIGNATURE_WRONG";
  const { counter, amount } = message;
  const { spent, allowanceSeq, link } = context;
  const observation: CardObservation = { counter, amount, spent, allowanceSeq, link, messageHash: hash };
  return { card, id: voucherId(card, message), observation, parity };
}

function* agreementFaults(
  { allowanceBody, context }: VoucherBundle,
  observation: CardObservation,
): Generator<ExcessCode> {
  const fault = selfFault(observation);
  if (fault !== null) yield fault;
  if (context.allowanceSeq !== allowanceBody.seq) yield "SEQ_MISMATCH";
}

function capExcesses({ message, context, allowanceBody }: VoucherBundle, { noPin }: VoucherGrounds) {
  const { counter, amount } = message;
  const { spent, time, category, cvm } = context;
  return excessesOf(allowanceBody, { counter, amount, spent, time, category, cvm }, noPin ?? null);
}

function* certificateExcesses(
  { message, context }: VoucherBundle,
  { terminal, arrival }: VoucherGrounds,
): Generator<ExcessCode> {
  if (terminal === undefined) return;
  const { certificate, withdrawnAt } = terminal;
  if (message.amount > certificate.perTap) yield "ABOVE_CERTIFICATE";
  if (context.time < certificate.notBefore || context.time > certificate.notAfter) yield "OUTSIDE_CERTIFICATE";
  if (context.category !== certificate.category) yield "CERTIFICATE_CATEGORY";
  if (!equalBytes(context.terminalId, certificate.terminalId)) yield "OTHER_TERMINAL";
  // What had arrived before the withdrawal keeps what was promised of it.
  if (withdrawnAt !== undefined && context.time > withdrawnAt && (arrival?.at ?? Infinity) > withdrawnAt) {
    yield "CERTIFICATE_WITHDRAWN";
  }
}

function* arrivalExcesses({ time }: VoucherContext, arrival: Arrival | undefined): Generator<ExcessCode> {
  if (arrival === undefined) return;
  if (arrival.at - time > arrival.uploadWindowSeconds + CLOCK_SKEW_SECONDS) yield "LATE";
  if (time - arrival.at > CLOCK_SKEW_SECONDS) yield "AHEAD_OF_CLOCK";
}

/** Class 3 is promised nowhere, class 2 within what the issuer certified to the terminal. */
function* classExcesses(
  { message, allowanceBody }: VoucherBundle,
  terminal: CertifiedTerminal | undefined,
): Generator<ExcessCode> {
  const assurance = assuranceClass(allowanceBody);
  if (assurance < 2) return;
  const within =
    assurance === 2 &&
    terminal !== undefined &&
    terminal.softwareBefore + message.amount <= terminal.certificate.softwareSum;
  if (!within) yield "SOFTWARE_CARD";
}
