import { ApduError, assertRange } from "./apdu-error.ts";
import { byteAt, bytesFromNumber, concatBytes } from "./bytes.ts";
import { TLV_DEPTH_MAX, TLV_LENGTH_BYTES_MAX, TLV_TAG_BYTES_MAX } from "./limits.ts";

/**
 * One BER-TLV object: `value` of a primitive one, `children` of a constructed one (ISO 7816-4
 * §5.2.2).
 */
export interface Tlv {
  /** The tag's bytes as one number, such as 0x6f, 0x9f70 or 0x7f4a. */
  readonly tag: number;
  readonly value: Uint8Array;
  /** Parsed children if bit 6 of the tag's first byte says constructed, else null. */
  readonly children: readonly Tlv[] | null;
}

/** Tag or bytes of an object to encode. */
export type TlvInput = readonly [tag: number, content: Uint8Array | readonly TlvInput[]];

/**
 * Parses a run of BER-TLV objects. Strict: definite lengths in their shortest form, tags in their
 * shortest form, no padding between objects, nothing left over. Throws TRUNCATED, NOT_MINIMAL,
 * WRONG_VALUE, TOO_LONG or TOO_DEEP.
 */
export function parseTlv(bytes: Uint8Array): readonly Tlv[] {
  return parseObjects(bytes, 0);
}

/** Parses exactly one object. */
export function parseSingleTlv(bytes: Uint8Array): Tlv {
  const [object, surplus] = parseTlv(bytes);
  if (object === undefined) throw new ApduError("TRUNCATED", "A TLV object was expected, but there is none.");
  if (surplus !== undefined) throw new ApduError("SURPLUS_BYTES", "One TLV object was expected, but there are more.");
  return object;
}

/** The one child or object of a tag; throws WRONG_VALUE if there is none or more than one. */
export function requireTlv(objects: readonly Tlv[] | null, tag: number): Tlv {
  const found = (objects ?? []).filter((object) => object.tag === tag);
  const [object] = found;
  if (object === undefined || found.length > 1) {
    throw new ApduError("WRONG_VALUE", `Exactly one object ${tag.toString(16)} was expected, not ${found.length}.`, {
      tag,
      found: found.length,
    });
  }
  return object;
}

/** Encodes objects one after another, lengths in their shortest form. */
export function encodeTlv(...objects: readonly TlvInput[]): Uint8Array {
  return concatBytes(...objects.map(encodeObject));
}

function encodeObject([tag, content]: TlvInput): Uint8Array {
  const tagBytes = encodeTag(tag);
  const constructed = (byteAt(tagBytes, 0) & 0x20) !== 0;
  if (content instanceof Uint8Array) return concatBytes(tagBytes, encodeLength(content.length), content);
  if (!constructed)
    throw new ApduError("WRONG_VALUE", `Tag ${tag.toString(16)} is primitive and has no children.`, { tag });
  const value = encodeTlv(...content);
  return concatBytes(tagBytes, encodeLength(value.length), value);
}

function encodeTag(tag: number): Uint8Array {
  assertRange("tag", tag, { min: 1, max: 256 ** TLV_TAG_BYTES_MAX - 1 });
  const bytes = bytesFromNumber(tag, tag > 0xffff ? 3 : tag > 0xff ? 2 : 1);
  const parsed = readTag(bytes, 0);
  if (parsed.next !== bytes.length) throw new ApduError("WRONG_VALUE", `${tag.toString(16)} is no BER tag.`, { tag });
  return bytes;
}

function encodeLength(length: number): Uint8Array {
  assertRange("TLV length", length, { min: 0, max: 0xffff });
  if (length < 0x80) return Uint8Array.of(length);
  return length <= 0xff ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length & 0xff);
}

function parseObjects(bytes: Uint8Array, depth: number): readonly Tlv[] {
  if (depth >= TLV_DEPTH_MAX) throw new ApduError("TOO_DEEP", "TLV objects are nested too deep.", { depth });
  const objects: Tlv[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const { tag, constructed, next } = readTag(bytes, offset);
    const { length, start } = readLength(bytes, next);
    const end = start + length;
    if (end > bytes.length) throw truncated("value", end - bytes.length);
    const value = bytes.slice(start, end);
    objects.push({ tag, value, children: constructed ? parseObjects(value, depth + 1) : null });
    offset = end;
  }
  return objects;
}

function readTag(bytes: Uint8Array, offset: number): { tag: number; constructed: boolean; next: number } {
  const first = byteAt(bytes, offset);
  if (first === 0x00 || first === 0xff) {
    throw new ApduError("WRONG_VALUE", "00 and FF are no tags (ISO 7816-4 §5.2.2.1).", { offset });
  }
  const constructed = (first & 0x20) !== 0;
  if ((first & 0x1f) !== 0x1f) return { tag: first, constructed, next: offset + 1 };
  let tag = first;
  for (let index = offset + 1; index < offset + TLV_TAG_BYTES_MAX; index++) {
    if (index >= bytes.length) throw truncated("tag", 1);
    const value = byteAt(bytes, index);
    // The first byte of a long tag number must neither be zero padding nor a number that fits the
    // short form.
    if (index === offset + 1 && (value === 0x80 || value < 0x1f)) {
      throw new ApduError("NOT_MINIMAL", "A tag is not in its shortest form.", { offset });
    }
    tag = tag * 256 + value;
    if ((value & 0x80) === 0) return { tag, constructed, next: index + 1 };
  }
  throw new ApduError("TOO_LONG", `A tag has at most ${TLV_TAG_BYTES_MAX} bytes.`, { offset });
}

function readLength(bytes: Uint8Array, offset: number): { length: number; start: number } {
  if (offset >= bytes.length) throw truncated("length", 1);
  const first = byteAt(bytes, offset);
  if (first < 0x80) return { length: first, start: offset + 1 };
  const count = first & 0x7f;
  if (count === 0) throw new ApduError("WRONG_VALUE", "An indefinite length is not allowed.", { offset });
  if (count >= TLV_LENGTH_BYTES_MAX) throw new ApduError("TOO_LONG", "A length has at most two bytes.", { offset });
  if (offset + 1 + count > bytes.length) throw truncated("length", offset + 1 + count - bytes.length);
  let length = 0;
  for (let i = 1; i <= count; i++) length = length * 256 + byteAt(bytes, offset + i);
  if (length < (count === 1 ? 0x80 : 0x100)) {
    throw new ApduError("NOT_MINIMAL", "A length is not in its shortest form.", { offset, length });
  }
  return { length, start: offset + 1 + count };
}

function truncated(part: string, missing: number): ApduError {
  return new ApduError("TRUNCATED", `The ${part} of a TLV object ends ${missing} bytes too early.`, { part, missing });
}
