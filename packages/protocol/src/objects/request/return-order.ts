import { copyBytes, isBytes } from "../../bytes/bytes.ts";
import { ProtocolError } from "../../bytes/errors.ts";
import { oneOf, publicKey } from "../../bytes/fields.ts";
import { defineLayout } from "../../bytes/layout.ts";
import { signatureField } from "../../bytes/signature-form.ts";
import { type RefundOrder, refundOrderField } from "../refund-order.ts";
import { type Reversal, reversalField } from "../reversal.ts";
import { type VoucherMessage, voucherMessageField } from "../voucher/voucher-message.ts";

/** What a terminal has settlement order from the vault (spec §6.13). */
export const returnOrderKinds = Object.freeze({ refund: 1, release: 2 } as const);

/** Units of a paid voucher go back: what the vault's `refundFor` takes (spec §7.11). */
export interface OrderedRefund {
  readonly order: typeof returnOrderKinds.refund;
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  readonly message: VoucherMessage;
  /** The card's r ‖ s over M, 64 bytes. */
  readonly signature: Uint8Array;
  readonly refund: RefundOrder;
  /** The terminal's r ‖ s over `TLYF`, 64 bytes. */
  readonly refundSignature: Uint8Array;
}

/** The counter of a reversed voucher is given up: what the vault's `releaseFor` takes (spec §7.11). */
export interface OrderedRelease {
  readonly order: typeof returnOrderKinds.release;
  readonly message: VoucherMessage;
  /** The card's r ‖ s over M, 64 bytes. */
  readonly signature: Uint8Array;
  /** Names the card key. */
  readonly reversal: Reversal;
  /** The terminal's r ‖ s over `TLYX`, 64 bytes. */
  readonly reversalSignature: Uint8Array;
}

/** The body of a request of kind 3. */
export type ReturnOrder = OrderedRefund | OrderedRelease;

const object = "ReturnOrder";

const refundLayout = defineLayout<OrderedRefund>({
  object,
  head: "",
  fields: {
    order: oneOf([returnOrderKinds.refund]),
    cardKey: publicKey(33),
    message: voucherMessageField,
    signature: signatureField,
    refund: refundOrderField,
    refundSignature: signatureField,
  },
});

const releaseLayout = defineLayout<OrderedRelease>({
  object,
  head: "",
  fields: {
    order: oneOf([returnOrderKinds.release]),
    message: voucherMessageField,
    signature: signatureField,
    reversal: reversalField,
    reversalSignature: signatureField,
  },
});

/** Bytes of an ordered refund: 318; of an ordered release: 343. */
export const ORDERED_REFUND_LENGTH: number = refundLayout.length;
export const ORDERED_RELEASE_LENGTH: number = releaseLayout.length;

/**
 * Writes the body of a request of kind 3 (spec §6.13). Throws ProtocolError where a field is not what
 * it may be.
 */
export function encodeReturnOrder(order: ReturnOrder): Uint8Array {
  return order.order === returnOrderKinds.refund ? refundLayout.encode(order) : releaseLayout.encode(order);
}

/** Reads the body of a request of kind 3; throws ProtocolError. It is well formed then, not yet verified. */
export function decodeReturnOrder(bytes: Uint8Array): ReturnOrder {
  if (!isBytes(bytes) || bytes.length === 0)
    throw new ProtocolError("WRONG_LENGTH", { object, expected: "at least 1", actual: 0 });
  const [order] = copyBytes(bytes, 0, 1);
  if (order === returnOrderKinds.refund) return refundLayout.decode(bytes);
  if (order === returnOrderKinds.release) return releaseLayout.decode(bytes);
  throw new ProtocolError("OUT_OF_RANGE", { object, field: "order", expected: "1 or 2", actual: String(order) });
}
