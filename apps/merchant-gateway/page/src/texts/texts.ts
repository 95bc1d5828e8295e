import { writeAmount } from "../amount/write-amount.ts";
import { directionOf, type Language } from "./catalogue.ts";
import type { Catalogue, WordName } from "./en/names.ts";

/** What stands in the gaps of a sentence. */
export type Values = Readonly<Record<string, string | number>>;

/** An amount of one currency, as the terminal names it. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** Units of a duration, from the longest: below so many seconds the next one is taken. */
const UNITS = [
  { unit: "day", seconds: 86_400, from: 172_800 },
  { unit: "hour", seconds: 3_600, from: 5_400 },
  { unit: "minute", seconds: 60, from: 90 },
  { unit: "second", seconds: 1, from: 0 },
] as const;

/** The page's sentences, amounts and times in one language. */
export class Texts {
  readonly language: Language;
  readonly locale: string;
  private readonly catalogue: Catalogue;
  private readonly decimalsOf: (currency: string) => number;

  constructor(parts: {
    readonly language: Language;
    readonly locale: string;
    readonly catalogue: Catalogue;
    /** Decimals that amounts of a currency are shown with. */
    readonly decimalsOf: (currency: string) => number;
  }) {
    this.language = parts.language;
    this.locale = parts.locale;
    this.catalogue = parts.catalogue;
    this.decimalsOf = parts.decimalsOf;
  }

  get direction(): "ltr" | "rtl" {
    return directionOf(this.language);
  }

  say(name: WordName, values: Values = {}): string {
    return this.catalogue.words[name].replace(/\{(\w+)\}/g, (gap, key: string) => String(values[key] ?? gap));
  }

  /** The sentence of a code, else the terminal's own. */
  code(code: string | null, otherwise: string, values: Values = {}): string {
    const { words, codes } = this.catalogue;
    const own = (codes as Readonly<Record<string, string>>)[code ?? ""];
    if (own !== undefined) return own;
    return code !== null && code in words ? this.say(code as WordName, values) : otherwise;
  }

  money({ amount, currency }: Money): string {
    // The currency's name is read from left to right in every language, apart from what stands around it.
    return `${writeAmount(amount, { locale: this.locale, decimals: this.decimalsOf(currency) })}\u00a0\u2068${currency}\u2069`;
  }

  count(many: number): string {
    return new Intl.NumberFormat(this.locale).format(many);
  }

  percent(share: number): string {
    return new Intl.NumberFormat(this.locale, { style: "percent" }).format(share);
  }

  /** The time of a day. */
  time(seconds: number): string {
    return this.dated(seconds, { timeStyle: "short" });
  }

  /** The time alone where it is of the day of `now`, with its day before. */
  dayTime(seconds: number, now: number): string {
    const isToday = new Date(seconds * 1_000).toDateString() === new Date(now * 1_000).toDateString();
    return isToday
      ? this.time(seconds)
      : this.dated(seconds, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  }

  /** A time within the next days, by its weekday; a date where it is further away. */
  until(seconds: number, now: number): string {
    const days = (seconds - now) / 86_400;
    if (days < 6) return this.dated(seconds, { weekday: "long", hour: "numeric", minute: "2-digit" });
    return this.dated(seconds, { day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
  }

  duration(seconds: number): string {
    const whole = Math.max(0, seconds);
    const { unit, seconds: one } = UNITS.find(({ from }) => whole >= from) ?? UNITS[3];
    return new Intl.NumberFormat(this.locale, { style: "unit", unit, unitDisplay: "long" }).format(
      Math.round(whole / one),
    );
  }

  private dated(seconds: number, options: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(this.locale, options).format(new Date(seconds * 1_000));
  }
}
