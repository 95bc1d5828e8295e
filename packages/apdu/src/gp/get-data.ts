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
/** Extended card resources: number of applications, free memory (ETSI TS 102 226 §8.2.1.7.2). */
export const TAG_EXTENDED_RESOURCES = 0xff21;

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
    if (tag !== 0xc0 || value.length < 4) throw malformedEntry(tag);
    const components = byteAt(value, 2) === EXTENDED ? extendedComponents(value) : basicComponents(value);
    return { identifier: byteAt(value, 0), version: byteAt(value, 1), components };
  });
}

/** A component that begins so is of the extended form: FF, type, length in two bytes (§11.3.3.1, table 11-31). */
const EXTENDED = 0xff;

type Component = KeyInformation["components"][number];

/** Pairs of type and length up to the end of the entry (table 11-30). */
function basicComponents(value: Uint8Array): readonly Component[] {
  if (value.length % 2 !== 0) throw malformedEntry(0xc0);
  const components: Component[] = [];
  for (let i = 2; i < value.length; i += 2) components.push({ type: byteAt(value, i), length: byteAt(value, i + 1) });
  return components;
}

/** Components of four bytes, then key usage and key access, each with its length; both may be left out. */
function extendedComponents(value: Uint8Array): readonly Component[] {
  const components: Component[] = [];
  let at = 2;
  for (; at < value.length && byteAt(value, at) === EXTENDED; at += 4) {
    if (at + 4 > value.length) throw malformedEntry(0xc0);
    components.push({ type: byteAt(value, at + 1), length: byteAt(value, at + 2) * 256 + byteAt(value, at + 3) });
  }
  for (let field = 0; field < 2 && at < value.length; field++) at += 1 + byteAt(value, at);
  if (at !== value.length) throw malformedEntry(0xc0);
  return components;
}

function malformedEntry(tag: number): ApduError {
  return new ApduError("WRONG_VALUE", "An entry of the key information template is malformed.", { tag });
}
