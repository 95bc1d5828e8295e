import { copyBytes, isBytes, isZero, readUnsigned, writeUnsigned } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";
import type { Field, Place } from "./layout.ts";
import { MAX_UNITS } from "./limits.ts";

/** An unsigned number of 1 to 4 bytes, from `minimum` to `maximum`, both inclusive. */
export function unsigned(length: 1 | 2 | 4, bounds: { minimum?: number; maximum?: number } = {}): Field<number> {
  const minimum = bounds.minimum ?? 0;
  const maximum = bounds.maximum ?? 2 ** (8 * length) - 1;
  function check(value: number, place: Place): number {
    if (typeof value !== "number") throw wrongType(place, "a number", value);
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      throw outOfRange(place, `a whole number from ${minimum} to ${maximum}`, value);
    }
    return value;
  }
  return {
    length,
    write: (value, target, at, place) => writeUnsigned(BigInt(check(value, place)), target, at, length),
    read: (source, at, place) => check(Number(readUnsigned(source, at, length)), place),
  };
}

/** One byte that may only hold one of the given values. */
export function oneOf<T extends number>(values: readonly T[]): Field<T> {
  function check(value: number, place: Place): T {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw outOfRange(place, `one of ${values.join(", ")}`, value);
    return found;
  }
  return {
    length: 1,
    write: (value, target, at, place) => {
      target[at] = check(value, place);
    },
    read: (source, at, place) => check(source[at] ?? -1, place),
  };
}

/** An unsigned number of 6 or 8 bytes as a bigint, from `minimum` to `maximum`, both inclusive. */
export function wide(length: 6 | 8, bounds: { minimum?: bigint; maximum?: bigint } = {}): Field<bigint> {
  const minimum = bounds.minimum ?? 0n;
  const maximum = bounds.maximum ?? (1n << BigInt(8 * length)) - 1n;
  function check(value: bigint, place: Place): bigint {
    if (typeof value !== "bigint") throw wrongType(place, "a bigint", value);
    if (value < minimum || value > maximum) throw outOfRange(place, `from ${minimum} to ${maximum}`, value);
    return value;
  }
  return {
    length,
    write: (value, target, at, place) => writeUnsigned(check(value, place), target, at, length),
    read: (source, at, place) => check(readUnsigned(source, at, length), place),
  };
}

/** An amount in units (spec §1.2). */
export function amount(minimum: bigint = 0n): Field<bigint> {
  return wide(6, { minimum, maximum: MAX_UNITS });
}

/** Bytes of a fixed length that mean nothing further here. */
export function fixedBytes(length: number): Field<Uint8Array> {
  return {
    length,
    write: (value, target, at, place) => target.set(checkBytes(value, length, place), at),
    read: (source, at) => copyBytes(source, at, length),
  };
}

/**
 * A public key of secp256k1 by its form: 33 bytes that begin 02 or 03, or 65 that begin 04. The
 * point is checked where it is used.
 */
export function publicKey(length: 33 | 65): Field<Uint8Array> {
  const heads = length === 33 ? [2, 3] : [4];
  function check(value: Uint8Array, place: Place): Uint8Array {
    if (!heads.includes(checkBytes(value, length, place)[0] ?? 0))
      throw new ProtocolError("BAD_PUBLIC_KEY", { ...place });
    return value;
  }
  return {
    length,
    write: (value, target, at, place) => target.set(check(value, place), at),
    read: (source, at, place) => check(copyBytes(source, at, length), place),
  };
}

/**
 * Returns the value when it is exactly `length` bytes; throws WRONG_TYPE or WRONG_LENGTH with the
 * field's name.
 */
export function checkBytes(value: unknown, length: number, place: Place): Uint8Array {
  if (!isBytes(value)) throw wrongType(place, `${length} bytes`, value);
  if (value.length !== length)
    throw new ProtocolError("WRONG_LENGTH", { ...place, expected: String(length), actual: value.length });
  return value;
}

/** Throws ZERO_PAYEE or ZERO_ADDRESS for twenty zero bytes. */
export function checkNotZero(value: Uint8Array, place: Place): void {
  if (!isZero(value)) return;
  if (place.field === "payee") throw new ProtocolError("ZERO_PAYEE", { object: place.object });
  throw new ProtocolError("ZERO_ADDRESS", { ...place });
}

function outOfRange(place: Place, expected: string, actual: number | bigint): ProtocolError {
  return new ProtocolError("OUT_OF_RANGE", { ...place, expected, actual: String(actual) });
}

function wrongType(place: Place, expected: string, actual: unknown): ProtocolError {
  return new ProtocolError("WRONG_TYPE", { ...place, expected, actual: actual === null ? "null" : typeof actual });
}
