import { MOST_DECIMALS } from "../limits.ts";

/** An amount as people of a locale read it, exact to its last digit. */
export function writeAmount(
  amount: string,
  { locale, decimals }: { readonly locale: string; readonly decimals: number },
): string {
  const fraction = amount.split(".")[1] ?? "";
  const shown = Math.max(decimals, fraction.replace(/0+$/, "").length);
  const form = new Intl.NumberFormat(locale, {
    minimumFractionDigits: shown,
    maximumFractionDigits: Math.min(MOST_DECIMALS, shown),
  });
  return form.format(amount as Intl.StringNumericLiteral);
}

/** What was typed on the keypad, with the locale's thousands in place while it is typed. */
export function writeTyped(typed: string, { locale }: { readonly locale: string }): string {
  const [whole = "", fraction] = typed.split(".");
  const form = new Intl.NumberFormat(locale, { useGrouping: "always" });
  const digits = new Intl.NumberFormat(locale, { useGrouping: false });
  const parts = new Intl.NumberFormat(locale, { minimumFractionDigits: 1 }).formatToParts(0.5);
  const point = parts.find(({ type }) => type === "decimal")?.value ?? ".";
  const shown = form.format((whole === "" ? "0" : whole) as Intl.StringNumericLiteral);
  if (fraction === undefined) return shown;
  return shown + point + [...fraction].map((digit) => digits.format(Number(digit))).join("");
}
