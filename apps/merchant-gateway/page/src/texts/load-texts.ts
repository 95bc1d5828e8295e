import { type Language, localeOf } from "./catalogue.ts";
import type { Catalogue } from "./en/names.ts";
import { Texts } from "./texts.ts";

const loaders: { readonly [language in Language]: () => Promise<{ readonly catalogue: Catalogue }> } = {
  en: () => import("./en/index.ts"),
  es: () => import("./es/index.ts"),
  fr: () => import("./fr/index.ts"),
  ar: () => import("./ar/index.ts"),
};

/** Every sentence of a language; a page loads the one that it shows. */
export async function loadCatalogue(language: Language): Promise<Catalogue> {
  return (await loaders[language]()).catalogue;
}

/** Where sentences come from, and how the browser's people write numbers. */
export interface TextSource {
  readonly languages: readonly string[];
  /** The page's own files when left out. */
  readonly loadCatalogue?: (language: Language) => Promise<Catalogue>;
}

/** The texts of one language, with amounts as the terminal's currencies want them. */
export async function loadTexts(
  source: TextSource,
  language: Language,
  currencies: { decimalsOf(currency: string): number },
): Promise<Texts> {
  const catalogue = await (source.loadCatalogue ?? loadCatalogue)(language);
  const decimalsOf = (currency: string): number => currencies.decimalsOf(currency);
  return new Texts({ language, locale: localeOf(language, source.languages), catalogue, decimalsOf });
}
