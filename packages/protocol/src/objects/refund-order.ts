import { type Domain, domainField } from "../parties/domain.ts";
import { amount, fixedBytes, unsigned } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";

/** `TLYF`: a terminal's order to give units of a voucher back, out of its payee's earnings (spec §3.11). */
export interface RefundOrder {
  readonly domain: Domain;
  /** 32 bytes. */
  readonly voucherId: Uint8Array;
  /** Units that are given back of this voucher in all, this order included. */
  readonly total: bigint;
  /** Unix seconds: the last second at which the vault takes the order. */
  readonly deadline: number;
}

const layout = defineLayout<RefundOrder>({
  object: "RefundOrder",
  head: "TLYF",
  fields: { domain: domainField, voucherId: fixedBytes(32), total: amount(1n), deadline: unsigned(4) },
});

/** Bytes of a refund order: 74. */
export const REFUND_ORDER_LENGTH: number = layout.length;

/** Writes `TLYF` as its 74 bytes (spec §3.11). Throws ProtocolError where a field is not what it may be. */
export function encodeRefundOrder(order: RefundOrder): Uint8Array {
  return layout.encode(order);
}

/** Reads `TLYF` from exactly 74 bytes; throws ProtocolError. */
export function decodeRefundOrder(bytes: Uint8Array): RefundOrder {
  return layout.decode(bytes);
}

/** A field that holds a refund order. */
export const refundOrderField: Field<RefundOrder> = nested(layout);
