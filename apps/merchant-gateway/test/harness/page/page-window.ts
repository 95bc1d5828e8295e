import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";
import { CashierPage } from "../../../page/src/cashier/cashier-page.ts";
import { CustomerPage } from "../../../page/src/customer/customer-page.ts";
import type { Environment } from "../../../page/src/environment.ts";
import type { FakeTime } from "@tallystick/gateway-client/testing";

const html = {
  cashier: readFileSync(new URL("../../../page/public/index.html", import.meta.url), "utf8"),
  customer: readFileSync(new URL("../../../page/public/customer.html", import.meta.url), "utf8"),
};

/** What the windows of one browser share. */
export interface Browser {
  readonly fetch: typeof fetch;
  readonly time: FakeTime;
  readonly storage: Environment["storage"];
  readonly randomBytes: (length: number) => Uint8Array;
  readonly languages?: readonly string[];
  readonly query?: string;
  /** What stands behind `#` in the address, with it. */
  readonly hash?: string;
  readonly view?: "cashier" | "customer";
  readonly loadCatalogue?: Environment["loadCatalogue"];
}

/** A storage of one browser, in memory. */
export function memoryStorage(): Environment["storage"] {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

/** One window with the page in it, without a browser. */
export class PageWindow {
  readonly dom: JSDOM;
  private readonly page: { close(): void };
  private readonly time: { isGone: boolean };

  private constructor(dom: JSDOM, page: { close(): void }, time: { isGone: boolean }) {
    this.dom = dom;
    this.page = page;
    this.time = time;
  }

  static async open(browser: Browser): Promise<PageWindow> {
    const { time, view = "cashier" } = browser;
    const dom = new JSDOM(html[view], { url: `http://127.0.0.1/${browser.hash ?? ""}`, runScripts: "outside-only" });
    const life = { isGone: false };
    // A window that is gone runs no timer and reads no answer.
    const alive = <T>(work: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        work.then(
          (value) => {
            if (!life.isGone) resolve(value);
          },
          (error: Error) => {
            if (!life.isGone) reject(error);
          },
        );
      });
    const env: Environment = {
      window: dom.window as unknown as Environment["window"],
      document: dom.window.document,
      // The page asks beside itself, wherever a gateway serves it.
      fetch: ((url: string, init: RequestInit) => alive(browser.fetch(url.replace(/^\./, ""), init))) as typeof fetch,
      after: (ms, callback) =>
        time.after(ms, () => {
          if (!life.isGone) callback();
        }),
      now: () => time.now,
      randomBytes: browser.randomBytes,
      storage: browser.storage,
      languages: browser.languages ?? ["en-US"],
      query: new URLSearchParams(browser.query ?? ""),
      ...(browser.loadCatalogue === undefined ? {} : { loadCatalogue: browser.loadCatalogue }),
    };
    const page = await (view === "customer" ? CustomerPage : CashierPage).begin(env);
    return new PageWindow(dom, page, life);
  }

  /** The browser ends: nothing of the page goes on, whatever was on its way. */
  kill(): void {
    this.time.isGone = true;
    this.page.close();
    this.dom.window.close();
  }

  get document(): Document {
    return this.dom.window.document;
  }

  /** What the page shows: its screen, and the sale that it is of. */
  get shown(): { readonly screen: string; readonly sale: string; readonly line: string } {
    const { screen = "", sale = "", line = "" } = this.document.body.dataset;
    return { screen, sale, line };
  }

  /** Everything that can be read on it. */
  get text(): string {
    return this.document.body.textContent ?? "";
  }

  find(selector: string): HTMLElement | null {
    return this.document.querySelector<HTMLElement>(selector);
  }

  type(amount: string): void {
    const input = this.document.querySelector<HTMLInputElement>("#amount");
    if (input === null) return;
    input.value = amount;
    input.dispatchEvent(new this.dom.window.Event("input", { bubbles: true }));
  }

  /** Presses a key as somebody does where the focus is. */
  key(name: string): void {
    const target = this.document.activeElement ?? this.document.body;
    const event = new this.dom.window.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
    const goesOn = target.dispatchEvent(event);
    const form = target.closest("form");
    if (name === "Enter" && goesOn && target.tagName === "INPUT" && form !== null) form.requestSubmit();
    if (name === "Enter" && goesOn && target.tagName === "BUTTON") this.click(target as HTMLElement, 0);
  }

  /** A click; `count` is which one of a row it is, 0 by keyboard. */
  click(target: HTMLElement | string | null, count = 1): void {
    const element = typeof target === "string" ? this.find(target) : target;
    element?.dispatchEvent(new this.dom.window.MouseEvent("click", { bubbles: true, cancelable: true, detail: count }));
  }

  /** Two clicks at one place: the second meets whatever is there then. */
  doubleClick(selector: string, other: string): void {
    this.click(selector, 1);
    this.click(this.find(selector) ?? this.find(other), 2);
  }
}
