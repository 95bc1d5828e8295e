import { ApduError } from "./apdu-error.ts";
import { byteAt, concatBytes } from "./bytes.ts";
import { RESPONSE_BYTES_MAX } from "./limits.ts";

/** A response APDU: data and status word (ISO 7816-4 §5.1). */
export interface ResponseApdu {
  readonly data: Uint8Array;
  /** SW1 and SW2 as one number, such as 0x9000. */
  readonly sw: number;
}

/**
 * Splits a response. Fewer than two bytes are an answer that was torn off, not a success with empty
 * data: throws TORN, and only the card can say whether its command took effect.
 */
export function parseResponse(bytes: Uint8Array): ResponseApdu {
  if (bytes.length < 2) {
    throw new ApduError("TORN", `The answer of the card was cut off after ${bytes.length} bytes.`, {
      actual: bytes.length,
    });
  }
  if (bytes.length > RESPONSE_BYTES_MAX) {
    throw new ApduError("TOO_LONG", `A response has at most ${RESPONSE_BYTES_MAX} bytes, but has ${bytes.length}.`, {
      actual: bytes.length,
    });
  }
  const sw = byteAt(bytes, bytes.length - 2) * 256 + byteAt(bytes, bytes.length - 1);
  return { data: bytes.slice(0, -2), sw };
}

/** Bytes of a response. */
export function encodeResponse(response: ResponseApdu): Uint8Array {
  return concatBytes(response.data, Uint8Array.of(response.sw >> 8, response.sw & 0xff));
}
