import { asciiBytes, assertLength, copyBytes, equalBytes } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";
import { toHex } from "./hex.ts";

/** Where a value stands, for error contexts. */
export interface Place {
  readonly object: string;
  readonly field: string;
}

/** One field of fixed length: checks the value on the way out and on the way in. */
export interface Field<T> {
  readonly length: number;
  readonly write: (value: T, target: Uint8Array, at: number, place: Place) => void;
  readonly read: (source: Uint8Array, at: number, place: Place) => T;
}

/** One object of fixed length with exactly one encoding (spec §1.2). */
export interface Layout<T> {
  readonly object: string;
  readonly length: number;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
}

/** The fields of an object in the order in which their bytes stand. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** A head of fixed bytes before the fields: a tag of four letters, or the given bytes. */
export type Head = string | Uint8Array;

/**
 * Describes an object as a head and fields one after the other. Decoding refuses a wrong length, a
 * wrong head and every field that is out of its range, so encode(decode(bytes)) is always bytes.
 */
export function defineLayout<T extends object>(options: { object: string; head: Head; fields: Fields<T> }): Layout<T> {
  const { object, fields } = options;
  const head = typeof options.head === "string" ? asciiBytes(options.head) : options.head;
  // Own string keys keep the order in which they were written, and none of these names is an array
  // index.
  const names = Object.keys(fields) as (keyof T & string)[];
  const length = names.reduce((sum, name) => sum + fields[name].length, head.length);

  function encode(value: T): Uint8Array {
    const target = new Uint8Array(length);
    target.set(head);
    let at = head.length;
    for (const name of names) {
      fields[name].write(value[name], target, at, { object, field: name });
      at += fields[name].length;
    }
    return target;
  }

  function decode(bytes: Uint8Array): T {
    assertLength(bytes, length, object);
    assertHead(bytes, head, object);
    const value: Partial<T> = {};
    let at = head.length;
    for (const name of names) {
      value[name] = fields[name].read(bytes, at, { object, field: name });
      at += fields[name].length;
    }
    return value as T;
  }

  return { object, length, encode, decode };
}

/** An object inside another one, such as the PAY request in a reversal. */
export function nested<T>(layout: Layout<T>): Field<T> {
  return {
    length: layout.length,
    write: (value, target, at) => target.set(layout.encode(value), at),
    read: (source, at) => layout.decode(copyBytes(source, at, layout.length)),
  };
}

function assertHead(bytes: Uint8Array, head: Uint8Array, object: string): void {
  const found = copyBytes(bytes, 0, head.length);
  if (!equalBytes(found, head)) {
    throw new ProtocolError("UNKNOWN_TAG", { object, expected: toHex(head), actual: toHex(found) });
  }
}
