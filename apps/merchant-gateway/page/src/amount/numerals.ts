import { SAMPLE_NUMBER } from "../limits.ts";

/** Zeros of the scripts whose digits are read: European, Arabic, Persian, and those of India and South-East Asia. */
const ZEROS: readonly number[] = [
  ...[0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20],
  ...[0x1040, 0x17e0, 0xff10],
];

/** A digit in one script. */
export interface Numeral {
  readonly digit: string;
  /** The script's zero. */
  readonly script: number;
}

/** Reads one character; null where it is no digit. */
export function numeralOf(character: string): Numeral | null {
  const code = character.codePointAt(0) ?? 0;
  const script = ZEROS.find((zero) => code >= zero && code < zero + 10);
  return script === undefined ? null : { digit: String(code - script), script };
}

/** How a locale writes numbers. */
export interface NumberForm {
  readonly decimal: string;
  readonly group: string;
  /** Its ten digits, from zero. */
  readonly digits: readonly string[];
}

export function numberForm(locale: string): NumberForm {
  const parts = new Intl.NumberFormat(locale, { minimumFractionDigits: 1 }).formatToParts(SAMPLE_NUMBER);
  const part = (type: string, otherwise: string): string =>
    parts.find((each) => each.type === type)?.value ?? otherwise;
  const plain = new Intl.NumberFormat(locale, { useGrouping: false });
  return {
    decimal: part("decimal", "."),
    group: part("group", ","),
    digits: Array.from({ length: 10 }, (_, digit) => plain.format(digit)),
  };
}
