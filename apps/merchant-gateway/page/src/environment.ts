import type { After } from "@tallystick/gateway-client";
import type { Language } from "./texts/catalogue.ts";
import type { Catalogue } from "./texts/en/names.ts";

/** What the page has of its browser; a test passes its own. */
export interface Environment {
  readonly window: Window & typeof globalThis;
  readonly document: Document;
  readonly fetch: typeof fetch;
  readonly after: After;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Where a sale is remembered over a reload; shared by all windows of the page. */
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** What the browser prefers, best first, such as `["es-MX", "en"]`. */
  readonly languages: readonly string[];
  /** The address's query. */
  readonly query: URLSearchParams;
  /** Where a language's sentences come from; the page's own files when left out. */
  readonly loadCatalogue?: (language: Language) => Promise<Catalogue>;
}
