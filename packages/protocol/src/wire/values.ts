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

/** One line of text, of at most `most` characters, that begins and ends with a letter or sign. */
export function lineText(most: number, fault = "must be one line of text"): z.ZodString {
  return z
    .string()
    .max(most)
    .regex(/^[!-~\u00a1-\uffff](?:[ -~\u00a0-\uffff]*[!-~\u00a1-\uffff])?$/, fault);
}

/** Why somebody acts, for the audit log (spec §6.11). */
export const reasonText: z.ZodString = lineText(MAX_REASON_LENGTH, "must say why, in one line");
