import { runInNewContext } from "node:vm";
import { expect, it } from "@jest/globals";
import { SCRIPT } from "./script.ts";

/** A live part of a page, of which the script sees this much. */
class Part {
  className = "";
  readonly id: string;
  innerHTML: string;
  private readonly isBusy: boolean;
  constructor(id: string, innerHTML: string, isBusy = false) {
    this.id = id;
    this.innerHTML = innerHTML;
    this.isBusy = isBusy;
  }
  get childNodes(): readonly [string] {
    return [this.innerHTML];
  }
  contains(): boolean {
    return this.isBusy;
  }
  querySelectorAll(): readonly never[] {
    return [];
  }
  replaceChildren(html: string): void {
    this.innerHTML = html;
  }
}

/** What a page shows after settlement said that something changed. */
async function shownAfter(parts: readonly Part[], fresh: readonly Part[]): Promise<readonly string[]> {
  const listeners = new Map<string, () => void>();
  const said = { textContent: "" };
  const ended = Promise.withResolvers<void>();
  const body = { classList: { remove: () => ended.resolve(), add: (): void => undefined } };
  const found = { getElementById: (id: string) => fresh.find((part) => part.id === id) ?? null };
  runInNewContext(SCRIPT, {
    document: {
      ...{ body, activeElement: {}, getSelection: () => null, addEventListener: () => undefined },
      getElementById: () => said,
      querySelectorAll: () => parts,
    },
    location: { href: "/console" },
    fetch: () => Promise.resolve({ redirected: false, ok: true, text: () => Promise.resolve("") }),
    DOMParser: class {
      parseFromString(): typeof found {
        return found;
      }
    },
    EventSource: class {
      addEventListener(event: string, listener: () => void): void {
        listeners.set(event, listener);
      }
    },
    addEventListener: () => undefined,
    HTMLInputElement: class {},
    HTMLSelectElement: class {},
  });
  listeners.get("changed")?.();
  await ended.promise;
  return parts.map(({ innerHTML }) => innerHTML);
}

it("shows the time of the figures: the newest once all are exchanged, and the old one while somebody is at a part", async () => {
  const fresh = [new Part("tiles", "2"), new Part("read-at", "09:01")];
  const page = (isBusy: boolean, tiles = "1") => [new Part("tiles", tiles, isBusy), new Part("read-at", "09:00")];
  expect(await shownAfter(page(false), fresh)).toEqual(["2", "09:01"]);
  expect(await shownAfter(page(true), fresh)).toEqual(["1", "09:00"]);
  // What is the same is as new, whoever is at it.
  expect(await shownAfter(page(true, "2"), fresh)).toEqual(["2", "09:01"]);
});
