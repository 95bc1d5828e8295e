// node:zlib is the one built-in that this package imports: compressing is a pure function, and an implementation of deflate
// of our own would be a worse one.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { copyBytes } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";
import { checkStatusList, statusListLength } from "./status-list.ts";

/** Compresses a list for transport: raw deflate (spec §3.5). */
export function packStatusList(list: Uint8Array): Uint8Array {
  return copyBytes(deflateRawSync(list, { level: 9 }));
}

/**
 * Unpacks a list of so many cards. Unpacking stops one byte past the length that `cards` gives, so a small file cannot fill the
 * memory. Throws BAD_DEFLATE, WRONG_LENGTH, SURPLUS_BYTES, NONZERO_PADDING or LIST_TOO_LARGE.
 */
export function unpackStatusList(packed: Uint8Array, cards: number): Uint8Array {
  const length = statusListLength(cards);
  const list = inflate(packed, length + 1);
  if (list.length > length)
    throw new ProtocolError("SURPLUS_BYTES", { object: "StatusList", expected: length, actual: list.length });
  checkStatusList(list, cards);
  return list;
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
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown fault";
    throw new ProtocolError("BAD_DEFLATE", {
      fault: code === "ERR_BUFFER_TOO_LARGE" ? "it is longer than its cards" : code,
    });
  }
  if (inflated.engine.bytesWritten !== packed.length)
    throw new ProtocolError("BAD_DEFLATE", { fault: "bytes follow the end of the stream" });
  return copyBytes(inflated.buffer);
}
