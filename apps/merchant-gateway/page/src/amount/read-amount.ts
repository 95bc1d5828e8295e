import { MAX_TYPED_LENGTH } from "../limits.ts";
import { type NumberForm, numeralOf } from "./numerals.ts";

/** Why what was typed is no amount. Nothing is ever guessed. */
export type AmountFault =
  | "AMOUNT_EMPTY"
  | "AMOUNT_ZERO"
  /** It holds something that is no digit and no separator, digits of two scripts, or two decimal separators. */
  | "AMOUNT_UNREADABLE"
  /** It may be meant in two ways: a separator that groups thousands where it is written, or elsewhere. */
  | "AMOUNT_AMBIGUOUS"
  | "AMOUNT_TOO_FINE"
  | "AMOUNT_TOO_LONG";

export type ReadAmount =
  | { readonly ok: true; readonly amount: string }
  | { readonly ok: false; readonly fault: AmountFault };

/** How the amount is written where it is typed. */
export interface AmountForm {
  readonly form: NumberForm;
  /** Decimals that are keyed in. */
  readonly decimals: number;
}

/** Separators of the locales; a space only ever groups. */
const SPACES = /[\s\u00a0\u2009\u202f]/g;
const APOSTROPHES = /['’]/g;
const MARKS = /[\u200e\u200f\u061c\u2066-\u2069]/g;
const SEPARATORS = [".", ",", "٫", "٬"];

/**
 * An amount as somebody typed it, as a decimal string with a point. Digits of any script and the locale's own
 * separators are read; what the locale would read in another way than many people mean it is refused.
 */
export function readAmount(typed: string, { form, decimals }: AmountForm): ReadAmount {
  const text = plainDigits(typed.replace(MARKS, "").trim());
  if (text === "") return no("AMOUNT_EMPTY");
  if (text === null || !/^[0-9]/.test(text) || !/[0-9]$/.test(text)) return no("AMOUNT_UNREADABLE");
  if (text.length > MAX_TYPED_LENGTH) return no("AMOUNT_TOO_LONG");
  const parts = split(text, form);
  if (typeof parts === "string") return no(parts);
  const [whole, fraction] = parts;
  if (fraction.length > decimals) return no(fraction.length === 3 ? "AMOUNT_AMBIGUOUS" : "AMOUNT_TOO_FINE");
  const units = whole.replace(/^0+(?=[0-9])/, "");
  if (!/[1-9]/.test(units + fraction)) return no("AMOUNT_ZERO");
  return { ok: true, amount: fraction === "" ? units : `${units}.${fraction}` };
}

/** European digits in place of a script's; null where two scripts are mixed or something else is in it. */
function plainDigits(typed: string): string | null {
  const scripts = new Set<number>();
  let text = "";
  for (const character of typed) {
    const numeral = numeralOf(character);
    if (numeral !== null) scripts.add(numeral.script);
    text += numeral?.digit ?? character;
  }
  return scripts.size > 1 || !/^[0-9.,٫٬'’\s\u00a0\u2009\u202f]*$/.test(text) ? null : text;
}

/** Whole and fraction, without any separator. */
function split(text: string, { decimal, group }: NumberForm): readonly [string, string] | AmountFault {
  const found = SEPARATORS.filter((separator) => text.includes(separator));
  if (found.length > 2) return "AMOUNT_UNREADABLE";
  const foreign = found.filter((separator) => separator !== decimal && separator !== group);
  // A separator of another locale alone, such as the point of a keyboard: it parts a fraction where no locale
  // would group there.
  if (foreign.length > 0) {
    const [mark = ""] = foreign;
    if (found.length > 1) return "AMOUNT_AMBIGUOUS";
    const pieces = text.split(mark);
    const [whole = "", fraction = ""] = pieces;
    if (pieces.length !== 2 || fraction.length > 2) return "AMOUNT_AMBIGUOUS";
    return grouped(whole, "") ? [plain(whole), fraction] : "AMOUNT_UNREADABLE";
  }
  const pieces = text.split(decimal);
  const [whole = "", fraction = ""] = pieces;
  if (pieces.length > 2) return "AMOUNT_AMBIGUOUS";
  if (!/^[0-9]*$/.test(fraction)) return "AMOUNT_AMBIGUOUS";
  if (pieces.length === 2 && fraction === "") return "AMOUNT_UNREADABLE";
  if (!grouped(whole, group)) return "AMOUNT_AMBIGUOUS";
  return [plain(whole), fraction];
}

/** Whether every separator parts whole thousands; a zero before them parts none. */
function grouped(whole: string, group: string): boolean {
  const text = whole.replace(SPACES, " ").replace(APOSTROPHES, "'");
  if (/^[0-9]+$/.test(text)) return true;
  const mark = [" ", "'", ...(SEPARATORS.includes(group) ? [group] : [])].find((each) => text.includes(each));
  if (mark === undefined) return false;
  const [first = "", ...others] = text.split(mark);
  return /^[1-9][0-9]{0,2}$/.test(first) && others.every((other) => /^[0-9]{3}$/.test(other));
}

function plain(whole: string): string {
  return whole.replace(/[^0-9]/g, "");
}

function no(fault: AmountFault): ReadAmount {
  return { ok: false, fault };
}
