import type { Readiness } from "../talk/readiness-watch.ts";
import { LANGUAGES, type Language } from "../texts/catalogue.ts";
import type { Texts } from "../texts/texts.ts";
import { type Child, Slot } from "../view/dom.ts";
import { drawShape, type Shape } from "../view/shapes.ts";
import { isBehindMore } from "./more-stage.ts";
import type { PageParts } from "./page-parts.ts";
import type { Place } from "./sheet.ts";

const PLACES = ["sell", "payments", "state", "more"] as const;

export interface BarActions {
  readonly go: (place: Place) => void;
  readonly choose: (language: Language) => void;
  readonly mute: () => void;
  readonly signOut: () => void;
}

/** What the bar shows. */
export interface BarState {
  readonly place: Place;
  readonly isOpen: boolean;
  readonly isUp: boolean;
  readonly hasSound: boolean;
}

/** Whether the terminal sells, until when, and what needs attention, in one sentence each; and the ways of the page. */
export class Bar {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly actions: BarActions;
  private readonly notice: Slot;
  private readonly ways: Slot;
  private readonly tools: Slot;

  constructor(parts: PageParts, actions: BarActions) {
    this.parts = parts;
    this.actions = actions;
    this.notice = new Slot(parts.make("div", { class: "notice", role: "status", "aria-live": "polite" }));
    this.ways = new Slot(parts.make("nav", { class: "ways" }));
    this.tools = new Slot(parts.make("div", { class: "tools" }));
    const { notice, ways, tools } = this;
    this.element = parts.make("header", { class: "bar" }, notice.element, tools.element, ways.element);
  }

  show({ place, isOpen, isUp, hasSound }: BarState): void {
    const { texts, readiness, session, make, now } = this.parts;
    const words = texts();
    const { kind, shape, title, lines } = noticeOf(isUp ? readiness.now : null, { words, isUp, now: now() });
    this.notice.element.dataset["kind"] = kind;
    this.notice.show([words.language, words.locale, kind, title, lines, this.parts.env.document.title], () => [
      drawShape(this.parts.env.document, shape),
      make(
        "div",
        {},
        make("p", { class: "notice-title" }, title),
        lines.length === 0 ? null : make("ul", {}, ...lines.map((line) => make("li", {}, line))),
      ),
    ]);
    const person = session.now.person?.name ?? null;
    this.ways.show([words.language, place, isOpen], () => (isOpen ? PLACES.map((each) => this.way(each, place)) : []));
    this.tools.show([words.language, hasSound, person], () => [
      this.languages(words),
      this.soundButton(words, hasSound),
      person === null ? null : this.signOutButton(words, person),
    ]);
  }

  private signOutButton(words: Texts, person: string): Child {
    const { make } = this.parts;
    const label = `${words.say("nav.signOut")} · ${person}`;
    return make("button", { type: "button", class: "way", click: this.actions.signOut, "data-key": "sign-out" }, label);
  }

  private way(to: (typeof PLACES)[number], now: Place): Child {
    const { make, texts } = this.parts;
    const go = (): void => {
      this.actions.go(to);
    };
    const isOpen = to === now || (to === "more" && isBehindMore(now));
    const current = isOpen ? { "aria-current": "page" } : {};
    return make(
      "button",
      { type: "button", class: "way", "data-key": `way-${to}`, click: go, ...current },
      texts().say(`nav.${to}`),
    );
  }

  private languages(words: Texts): Child {
    const { make } = this.parts;
    const select = make("select", {
      class: "language",
      "aria-label": words.say("nav.language"),
      "data-key": "language",
    });
    for (const [language, name] of Object.entries(LANGUAGES))
      select.append(make("option", { value: language, lang: language, selected: language === words.language }, name));
    select.addEventListener("change", () => {
      this.actions.choose(select.value as Language);
    });
    return select;
  }

  private soundButton(words: Texts, hasSound: boolean): Child {
    const { make, env } = this.parts;
    const label = words.say(hasSound ? "nav.soundOn" : "nav.soundOff");
    const attributes = { type: "button", class: "way icon", "data-key": "sound", "aria-label": label, title: label };
    const shape = drawShape(env.document, hasSound ? "sound" : "mute");
    return make("button", { ...attributes, click: this.actions.mute }, shape);
  }
}

/** The one notice of the page: its title follows the readiness, and what stands under it never contradicts that. */
export interface Notice {
  readonly kind: "good" | "warn" | "stop" | "calm";
  readonly shape: Shape;
  readonly title: string;
  readonly lines: readonly string[];
}

export function noticeOf(
  terminal: Readiness | null,
  { words, isUp, now }: { readonly words: Texts; readonly isUp: boolean; readonly now: number },
): Notice {
  if (terminal === null)
    return isUp
      ? { kind: "calm", shape: "wait", title: words.say("state.asking"), lines: [] }
      : { kind: "stop", shape: "unsure", title: words.say("state.silent"), lines: [] };
  const { ready, reasons, warnings, currencies, lastExchange } = terminal;
  const notes = [...reasons, ...warnings].map(({ code, message }) => words.code(code, message));
  if (!ready) return { kind: "stop", shape: "bad", title: words.say("state.stopped"), lines: notes };
  const stopped = currencies
    .filter((each) => !each.ready)
    .map(({ currency, reasons: why }) => {
      const sentences = why.map(({ code, message }) => words.code(code, message));
      return [`${words.say("state.currencyStopped", { currency })}.`, ...sentences].join(" ");
    });
  const lines = [...stopped, ...notes];
  const first = currencies.find((each) => each.ready)?.sellsUntil ?? null;
  const isOffline = lastExchange?.reached === false;
  const isLimited = first !== null && (isOffline || lines.length > 0);
  const state = words.say(isOffline ? "state.offline" : "state.ready");
  const title = isLimited ? `${state} · ${words.say("state.until", { time: words.until(first, now) })}` : state;
  return { kind: lines.length === 0 ? "good" : "warn", shape: lines.length === 0 ? "good" : "unsure", title, lines };
}
