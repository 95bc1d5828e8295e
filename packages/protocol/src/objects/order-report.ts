import { fixedBytes } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { type Domain, domainField } from "../parties/domain.ts";

/** `TLYI`: what an issuing station's terminal signs of the report of an order (spec §3.7). */
export interface OrderReport {
  readonly domain: Domain;
  /** SHA-256 of the report's lines before the signature's, 32 bytes. */
  readonly reportHash: Uint8Array;
}

const layout = defineLayout<OrderReport>({
  object: "OrderReport",
  head: "TLYI",
  fields: { domain: domainField, reportHash: fixedBytes(32) },
});

/** Bytes of what is signed of a report: 64. */
export const ORDER_REPORT_LENGTH: number = layout.length;

/**
 * Writes `TLYI` as its 64 bytes (spec §3.7). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeOrderReport(report: OrderReport): Uint8Array {
  return layout.encode(report);
}

/** Reads `TLYI` from exactly 64 bytes; throws ProtocolError. */
export function decodeOrderReport(bytes: Uint8Array): OrderReport {
  return layout.decode(bytes);
}
