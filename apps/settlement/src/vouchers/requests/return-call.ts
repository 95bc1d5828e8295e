import {
  addressOfKey,
  compressKey,
  digestOf,
  encodeDomain,
  encodeRefundOrder,
  encodeReversal,
  encodeVoucherMessage,
  equalBytes,
  type OrderedRefund,
  type OrderedRelease,
  type ReturnOrder,
  returnOrderKinds,
  toHex,
  voucherId,
} from "@tallystick/protocol";
import {
  advanceCall,
  refundForCall,
  releaseForCall,
  type ParitySignature,
  type SignedMessage,
} from "@tallystick/vault";
import type { SignatureEngine } from "../../foundation/keys/signature-engine.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { TrustedRequest } from "./trusted-request.ts";

/** What a terminal ordered, as calls of the vault. */
export interface ReturnCall {
  /** SHA-256 of `TLYF` or `TLYX`: the same order has the same. */
  readonly hash: Uint8Array;
  readonly kind: "refund" | "release";
  readonly voucherId: Uint8Array;
  /** Units of the voucher that are given back in all afterwards. */
  readonly total: bigint;
  readonly data: Uint8Array;
  /** Records the unpaid counters before this voucher (spec §7.7); null for a refund. */
  readonly advance: Uint8Array | null;
}

/** The vault's own name for what is wrong with an order (spec §7.9). */
export type OrderFault = "MalformedMessage" | "NotPayee" | "BadSignature" | "OtherVoucher" | "MoreThanPaid" | "Expired";

export interface ReturnCallContext {
  readonly engine: Pick<SignatureEngine, "parityOf">;
  /** Seconds. */
  readonly now: number;
}

/**
 * Makes the vault's call of an order that the asking terminal signed (spec §6.13, §7.11), or says
 * what the vault would refuse of it whatever it holds.
 */
export function returnCallOf(
  order: ReturnOrder,
  { request, certificate }: Pick<TrustedRequest, "request" | "certificate">,
  context: ReturnCallContext,
): ReturnCall | OrderFault {
  const { message } = order;
  if (!equalBytes(encodeDomain(message.domain), encodeDomain(request.domain))) return "MalformedMessage";
  if (!equalBytes(message.payee, request.payee)) return "NotPayee";
  const cardKey = order.order === returnOrderKinds.refund ? order.cardKey : order.reversal.cardKey;
  const voucher = signedMessage(order, cardKey, context);
  if (voucher === null) return "BadSignature";
  const known = {
    voucher,
    id: voucherId(addressOfKey(cardKey), message),
    terminalKey: compressKey(certificate.terminalKey),
  };
  return order.order === returnOrderKinds.refund
    ? refundCall(order, known, context)
    : releaseCall(order, known, context);
}

interface KnownVoucher {
  readonly voucher: SignedMessage;
  readonly id: Uint8Array;
  /** Compressed. */
  readonly terminalKey: Uint8Array;
}

function refundCall(
  { message, refund, refundSignature }: OrderedRefund,
  { voucher, id, terminalKey }: KnownVoucher,
  context: ReturnCallContext,
): ReturnCall | OrderFault {
  const { total, deadline } = refund;
  if (!equalBytes(encodeDomain(refund.domain), encodeDomain(message.domain))) return "OtherVoucher";
  if (!equalBytes(refund.voucherId, id)) return "OtherVoucher";
  const hash = digestOf(encodeRefundOrder(refund));
  const order = withParityOf(refundSignature, { digest: hash, key: terminalKey }, context);
  if (order === null) return "BadSignature";
  if (total > message.amount) return "MoreThanPaid";
  if (deadline < context.now) return "Expired";
  const data = refundForCall({ voucher, total, deadline, order });
  return { hash, kind: "refund", voucherId: id, total, data, advance: null };
}

function releaseCall(
  { message, reversal, reversalSignature }: OrderedRelease,
  { voucher, id, terminalKey }: KnownVoucher,
  context: ReturnCallContext,
): ReturnCall | OrderFault {
  const { domain, request } = reversal;
  const isOfVoucher =
    equalBytes(encodeDomain(domain), encodeDomain(message.domain)) &&
    equalBytes(request.payee, message.payee) &&
    request.counter === message.counter &&
    request.amount === message.amount;
  if (!isOfVoucher) return "OtherVoucher";
  const object = encodeReversal(reversal);
  const hash = digestOf(object);
  const signed = withParityOf(reversalSignature, { digest: hash, key: terminalKey }, context);
  if (signed === null) return "BadSignature";
  const data = releaseForCall({ voucher, reversal: { object, ...signed } });
  const advance = advanceCall(voucher, LIMITS.advanceWords);
  return { hash, kind: "release", voucherId: id, total: message.amount, data, advance };
}

function signedMessage(
  { message, signature }: ReturnOrder,
  cardKey: Uint8Array,
  context: ReturnCallContext,
): SignedMessage | null {
  const bytes = encodeVoucherMessage(message);
  const signed = withParityOf(signature, { digest: digestOf(bytes), key: cardKey }, context);
  return signed === null ? null : { message: bytes, ...signed };
}

/** Null where the signature is not by this key. */
function withParityOf(
  signature: Uint8Array,
  { digest, key }: { readonly digest: Uint8Array; readonly key: Uint8Array },
  { engine }: ReturnCallContext,
): ParitySignature | null {
  const parity = engine.parityOf(signature, digest, key);
  return parity === null ? null : { signature, parity };
}

/** The key of the order's chain action. */
export function returnActionKey({ hash }: Pick<ReturnCall, "hash">): string {
  return `return:${toHex(hash)}`;
}
