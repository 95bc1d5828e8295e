import { z } from "zod";
import { MAX_HEX_TEXT_LENGTH } from "../bytes/limits.ts";
import { MAX_AMOUNT_TEXT_LENGTH, MAX_REASON_LENGTH, MAX_U64_TEXT_LENGTH } from "./limits.ts";

/** Exactly `length` bytes as 0x and lower-case hexadecimal: one value, one text. */
export function hexText(length: number) {
  return z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${2 * length}}$`), `must be 0x and ${2 * length} hexadecimal digits in lower case`);
}

/** Any whole number of bytes up to `most`, as 0x and lower-case hexadecimal. */
export function hexTextUpTo(most: number) {
  const length = Math.min(2 + 2 * most, MAX_HEX_TEXT_LENGTH);
  return z
    .string()
    .max(length)
    .regex(/^0x(?:[0-9a-f]{2})*$/, "must be 0x and whole bytes in lower case hexadecimal");
}

/** An amount in display units, such as "2.50"; the asset decides how many decimals it may have. */
export const amountText = z
  .string()
  .max(MAX_AMOUNT_TEXT_LENGTH)
  .regex(/^(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/, 'must be a decimal amount such as "2.50"');

/** A u64 as decimal digits. */
export const u64Text = z
  .string()
  .max(MAX_U64_TEXT_LENGTH)
  .regex(/^(?:0|[1-9][0-9]*)$/, "must be decimal digits");

/** An unsigned number of at most `maximum`. */
export function unsignedNumber(maximum: number) {
  return z.int().min(0).max(maximum);
}

/** The check value of a master key: AES of 16 × 01 under it, first three bytes, as stations show it. */
export const checkValueText: z.ZodString = z
  .string()
  .regex(/^[0-9A-F]{6}$/, "must be six hexadecimal digits in capitals, such as 504A77");

/**
 * What changes how a text reads and is not seen itself: controls of the writing direction (U+202A to
 * U+202E, U+2066 to U+2069, U+200E, U+200F, U+061C), fillers, tags, line separators (Unicode 16,
 * `Default_Ignorable_Code_Point`), control characters, and halves of a pair (U+D800 to U+DFFF). Joiners
 * and selectors are told apart by what stands around them: `NEEDED`.
 */
const INVISIBLE = /[\p{DI}\p{Zl}\p{Zp}\p{Cc}\p{Cs}\u2800\ufff9-\ufffb]/u;

/** A sign or letter that is not Latin and is seen. */
const SEEN = String.raw`[^\p{ASCII}\p{Script=Latin}\p{DI}]`;
/** Scripts whose words never end with a joiner. */
const UNJOINED = ["Latin", "Greek", "Cyrillic", "Han", "Hangul", "Common"].map((name) => `\\p{Script=${name}}`);
/** A letter of another script, with its marks. */
const LETTER = String.raw`(?!${UNJOINED.join("|")})[\p{L}--\p{DI}][\p{M}--\p{DI}]*`;
const MONGOLIAN = String.raw`[\p{L}&&\p{Script=Mongolian}]`;

/**
 * Where a character that nobody sees is part of how a language is written (Unicode 16, chapters 9,
 * 12, 13, 18 and 23): U+200C and U+200D between letters or pictures that are not Latin, and where
 * a word of such letters ends (Kurdish, Persian, Malayalam); U+FE0E and U+FE0F behind a picture,
 * and in the picture of a key; U+E0100 to U+E01EF behind a Han character; U+180B to U+180F behind a
 * Mongolian letter. One at a time.
 */
const NEEDED = new RegExp(
  [
    `(?<=${SEEN}[\\ufe0e\\ufe0f\\u180b-\\u180d\\u180f]?)[\\u200c\\u200d](?=${SEEN})`,
    `(?<=${LETTER})[\\u200c\\u200d](?![\\p{Script=Latin}\\p{DI}])`,
    `(?<=${SEEN})[\\ufe0e\\ufe0f]|(?<=[0-9#*])\\ufe0f(?=\\u20e3)`,
    `(?<=\\p{Script=Han})[\\u{e0100}-\\u{e01ef}]`,
    `(?<=${MONGOLIAN})[\\u180b-\\u180f]|(?<=${MONGOLIAN}[\\u180b-\\u180d\\u180f])\\u180e`,
  ].join("|"),
  "gv",
);

/** The first character of a text that nobody sees, as its code point, such as U+202E; null where there is none. */
export function invisibleCharacter(text: string): string | null {
  const point = INVISIBLE.exec(text.replaceAll(NEEDED, " "))?.[0]?.codePointAt(0);
  return point === undefined ? null : `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * A text of which every character is seen: it reads as what it is, also within others. It has no
 * control character, and PostgreSQL can keep it.
 */
export function visibleText(text: z.ZodString): z.ZodString {
  return text.refine((value) => invisibleCharacter(value) === null, {
    error: ({ input }) =>
      `must show every character; ${invisibleCharacter(String(input))} is not seen: type the text by hand instead of pasting it`,
  });
}

/** One line of text, of at most `most` characters, that begins and ends with a letter or sign, each of which is seen. */
export function lineText(most: number, fault = "must be one line of text"): z.ZodString {
  const text = z
    .string()
    .max(most)
    .regex(/^[!-~\u00a1-\uffff](?:[ -~\u00a0-\uffff]*[!-~\u00a1-\uffff])?$/, fault);
  return visibleText(text);
}

/** Why somebody acts, for the audit log (spec §6.11). */
export const reasonText: z.ZodString = lineText(MAX_REASON_LENGTH, "must say why, in one line");
