import { assertLength, isBytes } from "../../bytes/bytes.ts";
import { ProtocolError } from "../../bytes/errors.ts";

/** Bytes of the body of a request of kind 5: the id of the last voucher that was listed. */
export const VOUCHER_LIST_REQUEST_LENGTH = 32;

/**
 * Reads the body of a request of kind 5: the voucher id behind which the page begins, zeros at the
 * start (spec §6.13). Throws ProtocolError.
 */
export function decodeVoucherListRequest(body: Uint8Array): Uint8Array {
  assertLength(body, VOUCHER_LIST_REQUEST_LENGTH, "VoucherListRequest");
  return body;
}

/** What a terminal says of its payee's first unit (spec §6.15): 1 asks whether it came, 2 says that it came. */
export const payeeAsks = Object.freeze({ look: 1, came: 2 } as const);

/** 1 look, 2 came. */
export type PayeeAsk = (typeof payeeAsks)[keyof typeof payeeAsks];

/** Writes the body of a request of kind 6: one byte (spec §6.13). */
export function encodePayeeRequest(ask: PayeeAsk): Uint8Array {
  return Uint8Array.of(ask);
}

/** Reads the body of a request of kind 6; throws ProtocolError. */
export function decodePayeeRequest(body: Uint8Array): PayeeAsk {
  const object = "PayeeRequest";
  assertLength(body, 1, object);
  const asked = isBytes(body) ? body[0] : undefined;
  for (const ask of Object.values(payeeAsks)) if (ask === asked) return ask;
  throw new ProtocolError("OUT_OF_RANGE", { object, field: "ask", expected: "1 or 2", actual: String(asked) });
}
