import { ApduError, assertRange } from "../iso7816/apdu-error.ts";
import type { CommandApdu } from "../iso7816/command-apdu.ts";
import { byteAt } from "../iso7816/bytes.ts";
import { parseSingleTlv } from "../iso7816/tlv.ts";

/** GET DATA (GP Card Specification v2.3.1 §11.3, ISO 7816-4 §7.4.2). */
export const INS_GET_DATA = 0xca;
/** Key information template. */
export const TAG_KEY_INFORMATION = 0x00e0;
/** Card data (recognition data). */
export const TAG_CARD_DATA = 0x0066;
/** Card production life cycle. */
export const TAG_CARD_PRODUCTION_LIFE_CYCLE = 0x9f7f;

/** Reads the data object of a one- or two-byte tag. */
export function getDataCommand(tag: number): CommandApdu {
  assertRange("tag", tag, { min: 1, max: 0xffff });
  return { cla: 0x80, ins: INS_GET_DATA, p1: tag >> 8, p2: tag & 0xff, le: 256 };
}

export interface KeyInformation {
  readonly identifier: number;
  readonly version: number;
  /** Type and bytes of each component; 0x88 is AES, 0x80 and 0x82 are 3DES. */
  readonly components: readonly { readonly type: number; readonly length: number }[];
}

/**
 * Key information template: which keys the domain holds, never their values (GP v2.3.1 §11.3.3.1).
 */
export function parseKeyInformation(data: Uint8Array): readonly KeyInformation[] {
  const template = parseSingleTlv(data);
  if (template.tag !== TAG_KEY_INFORMATION) {
    throw new ApduError("WRONG_VALUE", "The answer is no key information template.", { tag: template.tag });
  }
  return (template.children ?? []).map(({ tag, value }) => {
    if (tag !== 0xc0 || value.length < 4 || value.length % 2 !== 0) {
      throw new ApduError("WRONG_VALUE", "An entry of the key information template is malformed.", { tag });
    }
    const components = [];
    for (let i = 2; i < value.length; i += 2) components.push({ type: byteAt(value, i), length: byteAt(value, i + 1) });
    return { identifier: byteAt(value, 0), version: byteAt(value, 1), components };
  });
}
