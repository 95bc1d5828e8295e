import {
  decodeRefundOrder,
  decodeReversal,
  decodeVoucherBundle,
  encodeVoucherMessage,
  messageHash,
  type ReturnOrder,
  returnOrderKinds,
  signatureParity,
} from "@tallystick/protocol";
import { advanceCall, refundForCall, releaseForCall, type SignedMessage } from "@tallystick/vault";
import type { ReturnOrderRecord } from "../../journal/payments/return-order-store.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import { MAX_ADVANCED_WORDS } from "../../limits.ts";

/** An order as the vault takes it (spec §7.11). `terminalKey`: who signed it, compressed. */
export function callOfOrder(order: ReturnOrderRecord, voucher: VoucherRecord, terminalKey: Uint8Array): Uint8Array {
  const { object, signature, hash } = order;
  const signed = { signature, parity: signatureParity(signature, hash, terminalKey) };
  const message = signedMessage(voucher);
  if (order.kind === "release") return releaseForCall({ voucher: message, reversal: { object, ...signed } });
  const { total, deadline } = decodeRefundOrder(object);
  return refundForCall({ voucher: message, total, deadline, order: signed });
}

/** Records the unpaid counters before a voucher, so that it can be released (spec §7.7). */
export function callBeforeRelease(voucher: VoucherRecord): Uint8Array {
  return advanceCall(signedMessage(voucher), MAX_ADVANCED_WORDS);
}

/** An order as settlement takes it (spec §6.13). */
export function bodyOfOrder({ kind, object, signature }: ReturnOrderRecord, { entry }: VoucherRecord): ReturnOrder {
  const { message, cardKey, signature: cardSignature } = decodeVoucherBundle(entry);
  const voucher = { message, signature: cardSignature };
  return kind === "release"
    ? { order: returnOrderKinds.release, ...voucher, reversal: decodeReversal(object), reversalSignature: signature }
    : {
        ...{ order: returnOrderKinds.refund, cardKey, ...voucher },
        ...{ refund: decodeRefundOrder(object), refundSignature: signature },
      };
}

function signedMessage({ entry }: VoucherRecord): SignedMessage {
  const { message, signature, cardKey } = decodeVoucherBundle(entry);
  return {
    message: encodeVoucherMessage(message),
    signature,
    parity: signatureParity(signature, messageHash(message), cardKey),
  };
}
