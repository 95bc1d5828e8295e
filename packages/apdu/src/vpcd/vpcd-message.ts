import { assertRange } from "../iso7816/apdu-error.ts";
import { byteAt, bytesFromNumber, concatBytes } from "../iso7816/bytes.ts";
import { VPCD_MESSAGE_BYTES_MAX } from "../reader/limits.ts";

/** One-byte messages from the reader to the card (vsmartcard, virtualsmartcard/doc/api.txt). */
export const VPCD_CONTROL = { powerOff: 0x00, powerOn: 0x01, reset: 0x02, getAtr: 0x04 } as const;

/** Length in two bytes, then the body. */
export function encodeVpcdMessage(body: Uint8Array): Uint8Array {
  assertRange("vpcd message length", body.length, { min: 0, max: VPCD_MESSAGE_BYTES_MAX });
  return concatBytes(bytesFromNumber(body.length, 2), body);
}

/**
 * Takes complete messages from the start of a stream's bytes; messages may arrive split or merged.
 */
export function decodeVpcdMessages(stream: Uint8Array): {
  readonly messages: readonly Uint8Array[];
  readonly rest: Uint8Array;
} {
  const messages: Uint8Array[] = [];
  let offset = 0;
  while (stream.length - offset >= 2) {
    const end = offset + 2 + byteAt(stream, offset) * 256 + byteAt(stream, offset + 1);
    if (end > stream.length) break;
    messages.push(stream.slice(offset + 2, end));
    offset = end;
  }
  return { messages, rest: stream.slice(offset) };
}
