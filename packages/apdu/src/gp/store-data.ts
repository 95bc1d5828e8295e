import { ApduError, assertRange } from "../iso7816/apdu-error.ts";
import { bytesFromNumber, concatBytes } from "../iso7816/bytes.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { SHORT_COMMAND_DATA_MAX } from "../iso7816/limits.ts";

/** STORE DATA (GP Card Specification v2.3.1 §11.11). */
export const INS_STORE_DATA = 0xe2;
/**
 * P1 of the last or only block that holds DGIs (§11.11.2.1: bit 8 last block, bits 5–4 DGI format).
 */
export const P1_LAST_BLOCK_DGI = 0x88;

/**
 * A data grouping item: tag 2 ‖ length 1 ‖ value; longer values take FF and two bytes (GP Systems
 * Scripting §4.3.1).
 */
export function encodeDataGroup(tag: number, value: Uint8Array): Uint8Array {
  assertRange("DGI tag", tag, { min: 1, max: 0xffff });
  const length =
    value.length < 0xff
      ? Uint8Array.of(value.length)
      : concatBytes(Uint8Array.of(0xff), bytesFromNumber(value.length, 2));
  return concatBytes(bytesFromNumber(tag, 2), length, value);
}

/** One data grouping item in one last block. */
export function storeDataGroupCommand(tag: number, value: Uint8Array): CommandApdu {
  const data = encodeDataGroup(tag, value);
  if (data.length > SHORT_COMMAND_DATA_MAX) {
    throw new ApduError("TOO_LONG", "A data group must fit one short command.", { actual: data.length });
  }
  return { cla: 0x80, ins: INS_STORE_DATA, p1: P1_LAST_BLOCK_DGI, p2: 0x00, data };
}
