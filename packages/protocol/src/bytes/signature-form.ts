import { copyBytes, isBytes, readUnsigned, writeUnsigned } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";
import { checkBytes } from "./fields.ts";
import type { Field } from "./layout.ts";
import { MAX_DER_SIGNATURE_LENGTH, MIN_DER_SIGNATURE_LENGTH } from "./limits.ts";

/** The order n of secp256k1 (SEC 2 §2.4.1). */
export const GROUP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The largest s of a low-s signature. */
export const HALF_ORDER: bigint = GROUP_ORDER >> 1n;

/** Bytes of r ‖ s. */
export const SIGNATURE_LENGTH = 64;

/** The two numbers of a signature, each from 1 to n − 1. */
export interface SignatureParts {
  readonly r: bigint;
  readonly s: bigint;
}

/**
 * Reads a card's DER signature strictly (spec §3.0): definite minimal lengths, minimal positive
 * integers, nothing behind, 1 ≤ r, s < n; s may be high. Throws BAD_SIGNATURE_ENCODING or
 * SIGNATURE_OUT_OF_RANGE.
 */
export function parseCardSignature(der: Uint8Array): SignatureParts {
  if (!isBytes(der)) throw malformed("it is not a byte array");
  if (der.length < MIN_DER_SIGNATURE_LENGTH) throw malformed("it is too short");
  if (der.length > MAX_DER_SIGNATURE_LENGTH) throw malformed("it is too long");
  if (der[0] !== 0x30) throw malformed("it is not a DER sequence");
  if (der[1] !== der.length - 2) throw malformed("the sequence does not have the length it states");
  const r = readInteger(der, 2, "r");
  const s = readInteger(der, r.end, "s");
  if (s.end !== der.length) throw malformed("bytes follow the second integer");
  return checkRange({ r: r.value, s: s.value });
}

/** Writes r and s as minimal DER, as a card answers. Throws SIGNATURE_OUT_OF_RANGE. */
export function encodeDerSignature(parts: SignatureParts): Uint8Array {
  const { r, s } = checkRange(parts);
  const body = [...integerBytes(r), ...integerBytes(s)];
  return Uint8Array.of(0x30, body.length, ...body);
}

/** Reads r ‖ s: both in range, s low. Throws WRONG_LENGTH, SIGNATURE_OUT_OF_RANGE or HIGH_S. */
export function decodeSignature(signature: Uint8Array): SignatureParts {
  checkBytes(signature, SIGNATURE_LENGTH, { object: "Signature", field: "bytes" });
  return checkLow(checkRange({ r: readUnsigned(signature, 0, 32), s: readUnsigned(signature, 32, 32) }));
}

/** Writes r ‖ s. Throws SIGNATURE_OUT_OF_RANGE or HIGH_S. */
export function encodeSignature(parts: SignatureParts): Uint8Array {
  const { r, s } = checkLow(checkRange(parts));
  const signature = new Uint8Array(SIGNATURE_LENGTH);
  writeUnsigned(r, signature, 0, 32);
  writeUnsigned(s, signature, 32, 32);
  return signature;
}

/**
 * The vault's form, 64 bytes: r ‖ s with the parity in the top bit of s, which a low s leaves free
 * (spec §7.1). Throws like decodeSignature.
 */
export function withParity(signature: Uint8Array, parity: 0 | 1): Uint8Array {
  decodeSignature(signature);
  const marked = copyBytes(signature);
  marked[32] = (marked[32] ?? 0) | (parity << 7);
  return marked;
}

/** A field that holds r ‖ s, in range and low. */
export const signatureField: Field<Uint8Array> = {
  length: SIGNATURE_LENGTH,
  write: (value, target, at, place) => {
    checkBytes(value, SIGNATURE_LENGTH, place);
    decodeSignature(value);
    target.set(value, at);
  },
  read: (source, at) => {
    const signature = copyBytes(source, at, SIGNATURE_LENGTH);
    decodeSignature(signature);
    return signature;
  },
};

function readInteger(der: Uint8Array, at: number, part: "r" | "s"): { value: bigint; end: number } {
  const length = der[at + 1] ?? 0;
  const first = der[at + 2] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== 0x02) throw malformed(`${part} is not a DER integer`);
  if (length < 1 || length > 33 || end > der.length) throw malformed(`${part} has a wrong length`);
  if (first >= 0x80) throw malformed(`${part} is negative`);
  if (length > 1 && first === 0 && (der[at + 3] ?? 0) < 0x80) throw malformed(`${part} has a needless leading zero`);
  return { value: readUnsigned(der, at + 2, length), end };
}

function integerBytes(value: bigint): number[] {
  const bytes = new Uint8Array(33);
  writeUnsigned(value, bytes, 0, 33);
  const first = bytes.findIndex((byte) => byte !== 0);
  const start = (bytes[first] ?? 0) >= 0x80 ? first - 1 : first;
  return [0x02, 33 - start, ...bytes.subarray(start)];
}

function checkRange(parts: SignatureParts): SignatureParts {
  if (parts.r < 1n || parts.r >= GROUP_ORDER) throw new ProtocolError("SIGNATURE_OUT_OF_RANGE", { part: "r" });
  if (parts.s < 1n || parts.s >= GROUP_ORDER) throw new ProtocolError("SIGNATURE_OUT_OF_RANGE", { part: "s" });
  return parts;
}

function checkLow(parts: SignatureParts): SignatureParts {
  if (parts.s > HALF_ORDER) throw new ProtocolError("HIGH_S", {});
  return parts;
}

function malformed(fault: string): ProtocolError {
  return new ProtocolError("BAD_SIGNATURE_ENCODING", { fault });
}
