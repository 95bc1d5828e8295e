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

/** An element that the script writes to. */
class Said {
  textContent = "";
  hidden = true;
}

/** A page that the script runs in: its parts, what settlement answers, and what the script has said. */
class Window {
  readonly classes = new Set<string>();
  readonly away = new Said();
  readonly readAt = new Said();
  /** What fetching the page comes to. */
  answer: () => Promise<unknown> = () => Promise.reject(new Error("refused"));
  /** What was to be done after a while. */
  readonly later: (() => void)[] = [];
  /** What is done again and again. */
  readonly repeated: (() => void)[] = [];
  readonly listeners = new Map<string, () => void>();
  /** What the page itself is told, such as that somebody leaves it. */
  readonly told = new Map<string, (event: { readonly persisted: boolean }) => void>();
  streams = 0;
  closed = 0;
  readyState = 0;

  constructor(parts: readonly Part[], fresh: readonly Part[]) {
    const found = { getElementById: (id: string) => fresh.find((part) => part.id === id) ?? null };
    const { classes, listeners, away, readAt } = this;
    const body = {
      classList: {
        add: (name: string) => classes.add(name),
        remove: (name: string) => classes.delete(name),
        contains: (name: string) => classes.has(name),
      },
    };
    const opened = (): void => void (this.streams += 1);
    const closed = (): void => void (this.closed += 1);
    const state = (): number => this.readyState;
    const elements = new Map([
      ["away", away],
      ["read-at", readAt],
    ]);
    runInNewContext(SCRIPT, {
      document: {
        ...{ body, activeElement: {}, getSelection: () => null, addEventListener: () => undefined },
        getElementById: (id: string) => elements.get(id) ?? new Said(),
        querySelectorAll: () => parts,
      },
      location: { href: "/console" },
      fetch: () => this.answer(),
      AbortSignal,
      setTimeout: (work: () => void) => this.later.push(work),
      setInterval: (work: () => void) => this.repeated.push(work),
      clearTimeout: (number: number | null) => {
        if (number !== null) this.later[number - 1] = () => undefined;
      },
      DOMParser: class {
        parseFromString(): typeof found {
          return found;
        }
      },
      EventSource: class {
        constructor() {
          opened();
        }
        get readyState(): number {
          return state();
        }
        close(): void {
          closed();
        }
        addEventListener(event: string, listener: () => void): void {
          listeners.set(event, listener);
        }
      },
      addEventListener: (event: string, listener: () => void) => this.told.set(event, listener),
      HTMLInputElement: class {},
      HTMLSelectElement: class {},
    });
  }

  /** An event of the stream, and all that follows from it. */
  async hears(event: string): Promise<void> {
    this.listeners.get(event)?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const PAGE = { redirected: false, ok: true, text: () => Promise.resolve("") };

/** What a page shows after settlement said that something changed. */
async function shownAfter(parts: readonly Part[], fresh: readonly Part[]): Promise<readonly string[]> {
  const window = new Window(parts, fresh);
  window.answer = () => Promise.resolve(PAGE);
  await window.hears("changed");
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

it("says at the top that settlement does not answer, since when, and of what time the page is, until it answers", async () => {
  const situation = new Part("situation", "Money moves.");
  const window = new Window([situation], [new Part("situation", "3 vouchers wait.")]);
  const { away, readAt, classes } = window;
  readAt.textContent = "2026-11-30 11:20:00 UTC";
  await window.hears("open");
  expect([away.hidden, classes.has("stale")]).toEqual([true, false]);
  await window.hears("error");
  expect([away.hidden, classes.has("stale")]).toEqual([false, true]);
  expect(away.textContent).toMatch(/since \d\d:\d\d:\d\d UTC.*2026-11-30 11:20:00 UTC/);
  // A page that is refused, as by a proxy in front, is none either.
  window.answer = () => Promise.resolve({ ...PAGE, ok: false, status: 502 });
  await window.hears("changed");
  expect([away.hidden, away.textContent.includes("502"), situation.innerHTML]).toEqual([false, true, "Money moves."]);
  window.answer = () => Promise.resolve(PAGE);
  await window.hears("open");
  expect([away.hidden, classes.has("stale"), situation.innerHTML]).toEqual([true, false, "3 vouchers wait."]);
});

it("asks by itself from time to time: a settlement that hangs keeps its stream open and says nothing", async () => {
  const window = new Window([], []);
  const looks = async (): Promise<boolean> => {
    for (const look of window.repeated) look();
    await new Promise((resolve) => setImmediate(resolve));
    return window.away.hidden;
  };
  expect([await looks(), window.repeated.length]).toEqual([false, 1]);
  window.answer = () => Promise.resolve(PAGE);
  expect(await looks()).toBe(true);
});

it("takes a stream that ended by itself for no failure, and opens another where the browser does not", async () => {
  const window = new Window([], []);
  window.answer = () => Promise.resolve(PAGE);
  await window.hears("error");
  expect([window.away.hidden, window.later.length, window.streams]).toEqual([true, 0, 1]);
  window.readyState = 2;
  await window.hears("error");
  for (const work of window.later) work();
  expect(window.streams).toBe(2);
});

it("has one stream where somebody comes back to it, whatever it was to do after a while", async () => {
  const window = new Window([], []);
  window.answer = () => Promise.resolve(PAGE);
  window.readyState = 2;
  await window.hears("error");
  window.told.get("pagehide")?.({ persisted: true });
  window.told.get("pageshow")?.({ persisted: true });
  for (const work of window.later) work();
  expect(window.streams).toBe(2);
  // Nor is one left open where a page is shown that was not left.
  window.told.get("pageshow")?.({ persisted: true });
  expect([window.streams, window.closed >= 2]).toEqual([3, true]);
});
