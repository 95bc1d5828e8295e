/**
 * Bytes of a call's body that brings the report of an order: of 5,000 cards, each a line of 2 kB, written
 * as a text of JSON (spec §6.10).
 */
export const ORDER_REPORT_BODY_BYTES = 16_777_216;

/** Every call whose bodies may be larger than `httpBodyBytes`, by method and path, with their bytes. */
export const LARGE_BODIES: Readonly<Record<string, number>> = { "POST /v1/order-reports": ORDER_REPORT_BODY_BYTES };

/** Bytes of a form that a page sends: its fields have some hundred characters each. */
export const PAGE_BODY_BYTES = 65_536;
