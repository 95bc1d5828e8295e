import type { After } from "@tallystick/gateway-client";
import type { TextSource } from "./texts/load-texts.ts";

/** What the page has of its browser; a test passes its own. */
export interface Environment extends TextSource {
  readonly window: Window & typeof globalThis;
  readonly document: Document;
  readonly fetch: typeof fetch;
  readonly after: After;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Where a sale is remembered over a reload; shared by all windows of the page. */
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** The address's query. */
  readonly query: URLSearchParams;
}
