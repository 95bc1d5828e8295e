/** Joins byte strings in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * The same bytes as a plain byte string, whose `slice` copies, unlike a Buffer's. Nothing is copied
 * here.
 */
export function bytesOf(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/**
 * The same bytes as a Buffer, for libraries that take no other. They copy what they are given
 * before they return.
 */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Compares without leaving early, so that the time taken shows nothing about where two secrets
 * differ.
 */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= byteAt(left, i) ^ byteAt(right, i);
  return difference === 0;
}

/**
 * The byte at an index that the caller has proved to lie inside; outside it is a fault of this
 * package.
 */
export function byteAt(bytes: Uint8Array, index: number): number {
  const value = bytes[index];
  if (value === undefined) throw new RangeError(`index ${index} lies outside ${bytes.length} bytes`);
  return value;
}

/** Upper-case hexadecimal without separators, as card standards write it. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = "";
  for (const value of bytes) text += value.toString(16).padStart(2, "0");
  return text.toUpperCase();
}

/**
 * Bytes of a hexadecimal text; blanks between bytes are allowed, anything else is a SyntaxError.
 */
export function bytesFromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new SyntaxError("expected an even number of hexadecimal digits");
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** The low `length` bytes of a non-negative integer, big-endian; what does not fit is refused. */
export function bytesFromNumber(value: number, length: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** (8 * length)) {
    throw new RangeError(`${value} does not fit ${length} bytes`);
  }
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}
