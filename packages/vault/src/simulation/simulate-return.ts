import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, digestOf, type Domain, encodeDomain, equalBytes, toHex } from "@tallystick/protocol";
import { GAP_WORDS_AN_ITEM } from "../limits.ts";
import type { VaultState } from "../state/vault-state.ts";
import { recoverSigner, type RecoverSigner, signerOf, type VaultSignature } from "./vault-signature.ts";

const MAX_U48 = (1n << 48n) - 1n;
const DAY_SECONDS = 86_400n;
/** Bytes of M, and of `TLYX` (spec §3.1, §3.7). */
const MESSAGE_BYTES = 82;
const REVERSAL_BYTES = 132;

/** Why the vault refuses what a delegate ordered (spec §7.9), in the order in which it looks. */
export type ReturnRefusal =
  | "MALFORMED_MESSAGE"
  | "BAD_SIGNATURE"
  | "OTHER_VOUCHER"
  | "EXPIRED"
  | "MORE_THAN_PAID"
  | "ALREADY_RETURNED"
  | "NOT_OPEN"
  | "FLAGGED"
  | "OVERFLOW"
  | "COUNTER_UNUSED"
  | "COUNTER_USED"
  | "ADVANCE_NEEDED"
  | "TOO_LITTLE_EARNED"
  | "NOT_DELEGATE"
  | "OVER_DAY_LIMIT";

/** One sentence for each refusal: what it means and what helps. */
export const returnSentences: Readonly<Record<ReturnRefusal, string>> = {
  MALFORMED_MESSAGE: "The voucher or the reversal is not of this vault's form.",
  BAD_SIGNATURE: "A signature is out of range, or no key made it.",
  OTHER_VOUCHER: "The reversal is for another card, counter, payee or amount than the voucher.",
  EXPIRED: "The order's deadline has passed; the terminal must sign a new one.",
  MORE_THAN_PAID: "The order is for more than the voucher's amount.",
  ALREADY_RETURNED: "As much of the voucher was given back before.",
  NOT_OPEN: "The card was never opened in this vault.",
  FLAGGED: "The card is flagged: it takes no more money.",
  OVERFLOW: "The card's balance would not fit 48 bits.",
  COUNTER_UNUSED: "The voucher is not settled yet; settle it first.",
  COUNTER_USED: "The counter was settled, released or voided before; a settled voucher is refunded instead.",
  ADVANCE_NEEDED: "More than two words of unpaid counters lie before this one; call advance with this voucher first.",
  TOO_LITTLE_EARNED: "The payee's earnings in the vault are less than what is to be given back.",
  NOT_DELEGATE: "The signer is none of the payee's delegates.",
  OVER_DAY_LIMIT: "The delegate's limit for the day would be passed; wait for the next day, or raise the limit.",
};

/** M with its card's signature, as the vault takes it. */
export interface VoucherProof extends VaultSignature {
  /** 82 bytes. */
  readonly message: Uint8Array;
}

interface ReturnRequest {
  readonly state: VaultState;
  readonly domain: Domain;
  readonly voucher: VoucherProof;
  /** Seconds: the block's timestamp. */
  readonly now: bigint;
  readonly recover?: RecoverSigner;
}

export interface RefundForRequest extends ReturnRequest {
  readonly total: bigint;
  readonly deadline: number;
  /** The delegate's signature over `TLYF`. */
  readonly order: VaultSignature;
}

export interface ReleaseForRequest extends ReturnRequest {
  /** `TLYX`, with the delegate's signature. */
  readonly reversal: VaultSignature & { readonly object: Uint8Array };
  /** The coordinate of the card key that `TLYX` leaves out, 32 bytes. */
  readonly y: Uint8Array;
  /** Gap words that a release may write: 2 in the packed vault; the reference vault takes any number. */
  readonly gapWordsAnItem?: number;
}

/** What a delegate's order would do. `after` is a fork of the state that came in. */
export type SimulatedReturn =
  | { readonly refused: ReturnRefusal }
  | {
      readonly refused: null;
      readonly delegate: Uint8Array;
      readonly voucherId: Uint8Array;
      readonly units: bigint;
      readonly after: VaultState;
    };

/** What M says, and who signed it. */
interface KnownVoucher {
  readonly card: Uint8Array;
  readonly payee: Uint8Array;
  readonly counter: number;
  readonly amount: bigint;
  readonly id: Uint8Array;
}

/** Says what `refundFor` would do. */
export function simulateRefundFor(request: RefundForRequest): SimulatedReturn {
  const { state, domain, total, deadline, order, now, recover = recoverSigner } = request;
  const voucher = readVoucher(request, recover);
  if (typeof voucher === "string") return { refused: voucher };
  const terms = concatBytes(numberBytes(total, 6), numberBytes(BigInt(deadline), 4));
  const signed = concatBytes(tag("TLYF"), encodeDomain(domain), voucher.id, terms);
  const delegate = signerOf(digestOf(signed), order, recover);
  if (delegate === null) return { refused: "BAD_SIGNATURE" };
  const units = total - state.returns.returned(voucher.id);
  const refused =
    (now > BigInt(deadline) ? "EXPIRED" : null) ??
    refundRefusal(state, voucher, { total, units }) ??
    limitRefusal(state, { payee: voucher.payee, delegate, units, now });
  if (refused !== null) return { refused };
  const after = state.fork();
  const { payee, card, id: voucherId } = voucher;
  after.apply({ kind: "refunded", merchant: payee, card, units, fromEarnings: units, voucherId });
  after.apply({ kind: "returned", payee, delegate, voucherId, units, day: dayOf(now) });
  return { refused: null, delegate, voucherId, units, after };
}

function refundRefusal(
  state: VaultState,
  { card, payee, counter, amount }: KnownVoucher,
  { total, units }: { readonly total: bigint; readonly units: bigint },
): ReturnRefusal | null {
  const account = state.card(card);
  const { earned, withdrawn } = state.merchant(payee);
  if (total > amount) return "MORE_THAN_PAID";
  if (units <= 0n) return "ALREADY_RETURNED";
  if (account === undefined || account.owner === null) return "NOT_OPEN";
  if (account.flagged) return "FLAGGED";
  if (account.balance + units > MAX_U48) return "OVERFLOW";
  if (!account.counters.isUsed(counter)) return "COUNTER_UNUSED";
  return units > earned - withdrawn ? "TOO_LITTLE_EARNED" : null;
}

/** Says what `releaseFor` would do. */
export function simulateReleaseFor(request: ReleaseForRequest): SimulatedReturn {
  const { state, reversal, now, recover = recoverSigner, gapWordsAnItem = GAP_WORDS_AN_ITEM } = request;
  const voucher = readVoucher(request, recover);
  if (typeof voucher === "string") return { refused: voucher };
  const mismatch = reversalRefusal(request, voucher);
  if (mismatch !== null) return { refused: mismatch };
  const delegate = signerOf(digestOf(reversal.object), reversal, recover);
  if (delegate === null) return { refused: "BAD_SIGNATURE" };
  const { payee, card, counter, amount: units, id: voucherId } = voucher;
  const refused =
    releaseRefusal(state, voucher, gapWordsAnItem) ?? limitRefusal(state, { payee, delegate, units, now });
  if (refused !== null) return { refused };
  const after = state.fork();
  after.apply({ kind: "released", card, payee, counter, units });
  after.apply({ kind: "returned", payee, delegate, voucherId, units, day: dayOf(now) });
  return { refused: null, delegate, voucherId, units, after };
}

function releaseRefusal(state: VaultState, { card, counter }: KnownVoucher, gapWords: number): ReturnRefusal | null {
  const account = state.card(card);
  if (account === undefined || account.owner === null) return "NOT_OPEN";
  if (counter === 0 || account.counters.isUsed(counter)) return "COUNTER_USED";
  return account.counters.gapWords(counter, gapWords) > gapWords ? "ADVANCE_NEEDED" : null;
}

/** `TLYX` by its offsets: the card key at 32, counter ‖ payee ‖ amount at 73 (spec §3.7, §4.5). */
function reversalRefusal({ domain, reversal, y }: ReleaseForRequest, voucher: KnownVoucher): ReturnRefusal | null {
  const { object } = reversal;
  if (!isOf(object, { bytes: REVERSAL_BYTES, tag: "TLYX", domain })) return "MALFORMED_MESSAGE";
  const address = keccak_256(concatBytes(object.slice(33, 65), y)).slice(12);
  const prefix = 2 + ((y.at(-1) ?? 0) & 1);
  const { counter, payee, amount } = voucher;
  const paid = concatBytes(numberBytes(BigInt(counter), 4), payee, numberBytes(amount, 6));
  const isForVoucher =
    object[32] === prefix && equalBytes(address, voucher.card) && equalBytes(object.slice(73, 103), paid);
  return isForVoucher ? null : "OTHER_VOUCHER";
}

function limitRefusal(
  { returns }: VaultState,
  {
    payee,
    delegate,
    units,
    now,
  }: { readonly payee: Uint8Array; readonly delegate: Uint8Array; readonly units: bigint; readonly now: bigint },
): ReturnRefusal | null {
  const { unitsPerDay } = returns.delegate({ payee, delegate });
  if (unitsPerDay === 0n) return "NOT_DELEGATE";
  return returns.usedOn({ payee, delegate }, dayOf(now)) + units > unitsPerDay ? "OVER_DAY_LIMIT" : null;
}

/** M by its offsets (spec §3.1): the vault takes any payee, counter and amount here. */
function readVoucher(
  { domain, voucher: { message, r, vs } }: ReturnRequest,
  recover: RecoverSigner,
): KnownVoucher | "MALFORMED_MESSAGE" | "BAD_SIGNATURE" {
  if (!isOf(message, { bytes: MESSAGE_BYTES, tag: "TLY1", domain })) return "MALFORMED_MESSAGE";
  const card = signerOf(digestOf(message), { r, vs }, recover);
  if (card === null) return "BAD_SIGNATURE";
  return {
    card,
    payee: message.slice(32, 52),
    counter: Number(BigInt(toHex(message.slice(52, 56)))),
    amount: BigInt(toHex(message.slice(56, 62))),
    id: digestOf(concatBytes(card, message)),
  };
}

function isOf(
  object: Uint8Array,
  form: { readonly bytes: number; readonly tag: string; readonly domain: Domain },
): boolean {
  const start = concatBytes(tag(form.tag), encodeDomain(form.domain));
  return object.length === form.bytes && equalBytes(object.slice(0, start.length), start);
}

function tag(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}

function numberBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = length - 1, rest = value; at >= 0; at -= 1, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}

function dayOf(now: bigint): number {
  return Number(now / DAY_SECONDS);
}
