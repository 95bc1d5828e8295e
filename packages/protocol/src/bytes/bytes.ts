import { ProtocolError } from "./errors.ts";

/** What kind of typed array a value is; undefined for every other value, whatever it calls itself. */
const kindOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get;

/** True for a Uint8Array of any realm; tests and native modules may bring one from another. */
export function isBytes(value: unknown): value is Uint8Array {
  return kindOf?.call(value) === "Uint8Array";
}

/**
 * A plain copy of `length` bytes from `at`; it shares no memory with the source, whatever kind of
 * array that is.
 */
export function copyBytes(source: Uint8Array, at = 0, length: number = source.length - at): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(source.subarray(at, at + length));
  return copy;
}

/** All parts one after the other. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * True when both hold the same bytes. The time depends on the length alone, so that it may compare
 * secrets as well.
 */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index += 1) {
    difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  }
  return difference === 0;
}

/** True when every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The ASCII bytes of a tag. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Reads an unsigned big-endian number of up to 32 bytes. */
export function readUnsigned(source: Uint8Array, at: number, length: number): bigint {
  let value = 0n;
  for (let index = at; index < at + length; index += 1) value = (value << 8n) | BigInt(source[index] ?? 0);
  return value;
}

/** Writes an unsigned big-endian number that the caller has checked to fit. */
export function writeUnsigned(value: bigint, target: Uint8Array, at: number, length: number): void {
  let rest = value;
  for (let index = at + length - 1; index >= at; index -= 1) {
    target[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** Throws unless the value is exactly `length` bytes: WRONG_TYPE, WRONG_LENGTH or SURPLUS_BYTES. */
export function assertLength(value: unknown, length: number, object: string): asserts value is Uint8Array {
  if (!isBytes(value)) {
    throw new ProtocolError("WRONG_TYPE", { object, field: "bytes", expected: "a Uint8Array", actual: typeof value });
  }
  if (value.length < length)
    throw new ProtocolError("WRONG_LENGTH", { object, expected: String(length), actual: value.length });
  if (value.length > length)
    throw new ProtocolError("SURPLUS_BYTES", { object, expected: length, actual: value.length });
}
