import {
  ADDRESS_DIGITS,
  HASH_DIGITS,
  SEARCH_CHARACTERS,
  SEARCH_DIGITS,
  TERMINAL_DIGITS,
  UUID_DIGITS,
} from "../limits.ts";

/** The first and the last value that a prefix stands for. */
export interface Range<Value> {
  readonly from: Value;
  readonly to: Value;
}

/** What a text that is searched for may name. */
export interface Query {
  /** As it was typed, without blanks around it; empty where there is nothing to look for. */
  readonly text: string;
  /** Bytes of so many digits that begin like this; null where it is no such prefix. */
  readonly address: Range<Uint8Array> | null;
  readonly terminalId: Range<Uint8Array> | null;
  readonly hash: Range<Uint8Array> | null;
  readonly uuid: Range<string> | null;
  /** The last digits of a shortened form, as `0xf8f428…9d92`; null where it is none. */
  readonly ending: string | null;
  /** The number of a case. */
  readonly number: bigint | null;
  /** Words as PostgreSQL matches beginnings of them; null where there are none. */
  readonly words: string | null;
  /** A text that begins like this, as `like` takes it. */
  readonly prefix: string;
  /** The text where it may begin an account's or a posting's id; null where it may not. */
  readonly identifier: string | null;
  /** A terminal and the number of its upload, as `0x5656565656565656:12`. */
  readonly upload: { readonly terminalId: Uint8Array; readonly seq: bigint } | null;
}

/** Reads what somebody typed; never throws. */
export function queryOf(typed: string): Query {
  // No text of the database has U+0000, and it takes none that has.
  const text = typed.includes("\0") ? "" : typed.trim().slice(0, SEARCH_CHARACTERS);
  // A request's digits are read in groups of four.
  const joined = /^[0-9a-f]{4}(?: [0-9a-f]{1,4})+$/i.test(text) ? text.replaceAll(" ", "") : text;
  const [, typedDigits = "", ending = null] = /^(?:0x)?([0-9a-f]+)(?:(?:…|\.{2,3})([0-9a-f]+))?$/i.exec(joined) ?? [];
  const digits = typedDigits.toLowerCase();
  const bytes = (most: number): Range<Uint8Array> | null =>
    digits.length < SEARCH_DIGITS || digits.length > most
      ? null
      : { from: Buffer.from(digits.padEnd(most, "0"), "hex"), to: Buffer.from(digits.padEnd(most, "f"), "hex") };
  return {
    text,
    address: bytes(ADDRESS_DIGITS),
    terminalId: bytes(TERMINAL_DIGITS),
    hash: bytes(HASH_DIGITS),
    ending: ending === null ? null : ending.toLowerCase(),
    uuid: uuidRange(text),
    number: /^(?:case\s*|#)?[1-9][0-9]{0,17}$/i.test(text) ? BigInt(text.replace(/\D/g, "")) : null,
    words: wordsOf(text),
    identifier:
      text.length >= SEARCH_DIGITS && /^[!-~]+$/.test(text) ? text.replace(/(?<=:)0x[0-9a-f]+/gi, lower) : null,
    upload: uploadOf(text),
    prefix: prefixOf(text),
  };
}

/** What begins with a text, as `like` takes it. */
export function prefixOf(text: string): string {
  return `${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
}

/** Ids in the books have their hexadecimal digits in lower case. */
const lower = (text: string): string => text.toLowerCase();

function uploadOf(text: string): Query["upload"] {
  const [, terminal, seq] = /^(?:0x)?([0-9a-f]{16})[:/ ]([1-9][0-9]{0,9})$/i.exec(text) ?? [];
  return terminal === undefined || seq === undefined
    ? null
    : { terminalId: Buffer.from(terminal, "hex"), seq: BigInt(seq) };
}

function uuidRange(text: string): Range<string> | null {
  if (!/^[0-9a-f]{1,8}(?:-[0-9a-f]{0,4}){0,3}(?:-[0-9a-f]{0,12})?$/i.test(text) && !/^[0-9a-f]+$/i.test(text))
    return null;
  const digits = text.replaceAll("-", "").toLowerCase();
  if (digits.length < SEARCH_DIGITS || digits.length > UUID_DIGITS) return null;
  return { from: digits.padEnd(UUID_DIGITS, "0"), to: digits.padEnd(UUID_DIGITS, "f") };
}

/** Letters and digits alone: what PostgreSQL reads as an operator is left out. */
function wordsOf(text: string): string | null {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length === 0 ? null : words.map((word) => `${word}:*`).join(" & ");
}
