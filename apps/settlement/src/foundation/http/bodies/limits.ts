/**
 * Bytes of a call's body that brings the report of an order: of 5,000 cards, each a line of 2 kB, written
 * as a text of JSON (spec §6.10).
 */
export const ORDER_REPORT_BODY_BYTES = 16_777_216;
