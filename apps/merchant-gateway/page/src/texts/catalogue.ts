/** Languages of cashier and customer, by their own names. */
export const LANGUAGES = { en: "English", es: "Español", fr: "Français", ar: "العربية" } as const;

export type Language = keyof typeof LANGUAGES;

/** The language that somebody chose, else the first that the browser prefers and the page has. */
export function chooseLanguage(chosen: string | null, preferred: readonly string[]): Language {
  const known = [chosen ?? "", ...preferred].map((tag) => tag.split("-")[0] ?? "");
  return (known.find((language) => language in LANGUAGES) as Language | undefined) ?? "en";
}

/** The locale of numbers and times: the browser's own one of that language, with its country. */
export function localeOf(language: Language, preferred: readonly string[]): string {
  return preferred.find((tag) => tag.split("-")[0] === language) ?? language;
}

/** Right to left. */
export function directionOf(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}
