import type { Environment } from "../environment.ts";
import type { ReadinessWatch } from "../talk/readiness-watch.ts";
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

/** The texts of one language, with amounts as the terminal's currencies want them. */
export async function loadTexts(
  env: Pick<Environment, "languages" | "loadCatalogue">,
  language: Language,
  readiness: Pick<ReadinessWatch, "decimalsOf">,
): Promise<Texts> {
  const catalogue = await (env.loadCatalogue ?? loadCatalogue)(language);
  const decimalsOf = (currency: string): number => readiness.decimalsOf(currency);
  return new Texts({ language, locale: localeOf(language, env.languages), catalogue, decimalsOf });
}
