// Byte strings by plain concatenation. Nothing here is shared with an implementation of the
// protocol.
import { createHash } from "node:crypto";

/** Bytes of a hexadecimal text, with or without 0x. */
export const hex = (text) => Buffer.from(text.replace(/^0x/, ""), "hex");
/** 0x and lower case. */
export const text = (bytes) => "0x" + Buffer.from(bytes).toString("hex");
export const cat = (...parts) => Buffer.concat(parts);
export const tag = (letters) => Buffer.from(letters, "ascii");
export const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

/** An unsigned big-endian number of `length` bytes. */
export function uint(value, length) {
  const number = BigInt(value);
  if (number < 0n || number >= 1n << BigInt(8 * length)) throw new Error(`${value} does not fit ${length} bytes`);
  return hex(number.toString(16).padStart(2 * length, "0"));
}

/** `length` recognisable bytes that count up from `first`. */
export const counting = (first, length) => text(Buffer.from(Array.from({ length }, (_, i) => (first + i) & 0xff)));
