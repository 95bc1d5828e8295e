// node:zlib is the one built-in that this package imports: compressing is a pure function, and an
// own implementation of deflate of our own would be a worse one.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { assertLength, copyBytes, equalBytes } from "../bytes/bytes.ts";
import { ProtocolError } from "../bytes/errors.ts";
import { checkStatusList, statusListHash, statusListLength } from "./status-list.ts";

/** Compresses a list for transport: raw deflate (spec §3.5). */
export function packStatusList(list: Uint8Array): Uint8Array {
  return copyBytes(deflateRawSync(list, { level: 9 }));
}

/**
 * Unpacks a list of so many cards. Unpacking stops one byte past the length that `cards` gives, so
 * a small file cannot fill the memory. Throws BAD_DEFLATE, WRONG_LENGTH, SURPLUS_BYTES,
 * NONZERO_PADDING or LIST_TOO_LARGE.
 */
export function unpackStatusList(packed: Uint8Array, cards: number): Uint8Array {
  const length = statusListLength(cards);
  const list = inflate(packed, length + 1);
  if (list.length > length)
    throw new ProtocolError("SURPLUS_BYTES", { object: "StatusList", expected: length, actual: list.length });
  checkStatusList(list, cards);
  return list;
}

/** A list and how many cards it has. */
export interface CountedList {
  readonly list: Uint8Array;
  readonly cards: number;
}

/**
 * What turns an older list into a newer one with at least as many cards: raw deflate of their XOR
 * (spec §3.5). Throws OUT_OF_RANGE where the newer list is shorter.
 */
export function packStatusListDelta(older: CountedList, newer: CountedList): Uint8Array {
  return packStatusList(xorLists(older, newer));
}

/**
 * Applies a delta to the list that is held. It is not signed: the outcome must have the hash of the
 * newer head. Throws HASH_MISMATCH, upon which the whole list is to be fetched, and what unpacking
 * throws.
 */
export function applyStatusListDelta(
  older: CountedList,
  delta: { readonly packed: Uint8Array; readonly cards: number; readonly listHash: Uint8Array },
): Uint8Array {
  const length = statusListLength(delta.cards);
  const difference = inflate(delta.packed, length + 1);
  assertLength(difference, length, "StatusListDelta");
  const list = xorLists(older, { list: difference, cards: delta.cards });
  if (!equalBytes(statusListHash(list), delta.listHash))
    throw new ProtocolError("HASH_MISMATCH", { object: "StatusList" });
  checkStatusList(list, delta.cards);
  return list;
}

function xorLists(older: CountedList, newer: CountedList): Uint8Array {
  checkStatusList(older.list, older.cards);
  if (newer.cards < older.cards) {
    const expected = `at least ${older.cards}`;
    throw new ProtocolError("OUT_OF_RANGE", {
      object: "StatusListDelta",
      field: "cards",
      expected,
      actual: String(newer.cards),
    });
  }
  return newer.list.map((byte, index) => byte ^ (older.list[index] ?? 0));
}

/** What inflateRawSync answers with `info`; the type declarations leave it out. */
interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

function inflate(packed: Uint8Array, mostBytes: number): Uint8Array {
  let inflated: Inflated;
  try {
    inflated = inflateRawSync(packed, { maxOutputLength: mostBytes, info: true }) as unknown as Inflated;
  } catch (error) {
    // Not by its class: a native module's error may be of another realm.
    const { code } = error as { readonly code?: unknown };
    throw new ProtocolError("BAD_DEFLATE", {
      fault: code === "ERR_BUFFER_TOO_LARGE" ? "it is longer than its cards" : String(code),
    });
  }
  if (inflated.engine.bytesWritten !== packed.length)
    throw new ProtocolError("BAD_DEFLATE", { fault: "bytes follow the end of the stream" });
  return copyBytes(inflated.buffer);
}
