import { ARMED_MS } from "../limits.ts";
import { isAwaited, type Model, type PageEvent } from "../machine/model.ts";
import { type Child, Slot } from "../view/dom.ts";
import { pinForm } from "../view/pin-form.ts";
import { drawShape } from "../view/shapes.ts";
import { newId } from "../talk/new-id.ts";
import type { PageParts } from "./page-parts.ts";
import { isSaleScreen, payableOf, saleWords } from "./sale-words.ts";

/** A sale in full screen, as the terminal told it last, with what may be done. */
export class SaleStage {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly slot: Slot;
  private readonly actions: Slot;
  private shownScreen = "";
  private shownAt = 0;

  constructor(parts: PageParts) {
    this.parts = parts;
    const { make } = parts;
    this.slot = new Slot(make("div", { class: "sale-words" }));
    this.actions = new Slot(make("div", { class: "sale-actions" }));
    this.element = make(
      "section",
      { class: "sale-stage", "aria-labelledby": "sale-title" },
      this.slot.element,
      this.actions.element,
    );
  }

  /** Draws the sale; answers what a screen reader is to say where something changed, else null. */
  show(model: Model): string | null {
    const { screen } = model;
    if (!isSaleScreen(screen)) return null;
    const { make, texts, talk, readiness, env } = this.parts;
    if (screen !== this.shownScreen) this.shownAt = env.now();
    this.shownScreen = screen;
    const words = texts();
    const state = readiness.readerOf(env.query.get("lane"))?.state;
    const cardThere = state === "card" || state === "busy";
    const { shape, tone, title, lines } = saleWords({ ...model, screen }, { texts: words, isUp: talk.isUp, cardThere });
    const amount = model.terms === null ? "" : words.money(model.terms);
    this.element.dataset["tone"] = tone;
    this.element.dataset["screen"] = screen;
    const shown = { language: words.language, screen, shape, title, amount, lines };
    const isNew = this.slot.show(shown, () => [
      drawShape(env.document, shape),
      make("h1", { id: "sale-title", class: "sale-title" }, title),
      make("p", { class: "sale-amount" }, amount),
      ...lines.map((line) => make("p", { class: "sale-line" }, line)),
    ]);
    const allowed = [model.sale?.may, payableOf(model.sale)];
    this.actions.show([words.language, screen, model.stopping, ...allowed], () => this.actionsOf(model));
    return isNew ? [title, amount, ...lines].join(" ") : null;
  }

  private actionsOf(model: Model): Child[] {
    const { screen, sale, stopping } = model;
    const words = this.parts.texts();
    const may = sale?.may ?? [];
    const fresh = (primary: boolean): Child => this.button("sale.new", { name: "fresh" }, primary);
    if (isAwaited(screen) || screen === "asking")
      return [this.button(stopping ? "sale.stopping" : "sale.stop", { name: "stop" }, false, stopping)];
    const again: PageEvent = { name: "again", pin: null, word: false };
    switch (screen) {
      case "repeated":
        return [
          this.button("repeated.yes", { ...again, word: true }, false),
          this.button("repeated.no", { name: "fresh" }, true),
        ];
      case "pin":
        return [
          pinForm(this.parts.make, this.parts.texts(), (pin) => {
            this.parts.talk.dispatch({ name: "again", pin, word: false });
          }),
          fresh(false),
        ];
      case "unresolved":
        return [may.includes("attempt") ? this.button("sale.sameCard", again, true) : null, fresh(false)];
      case "refused":
        return [
          this.rest(model),
          fresh(payableOf(sale) === null),
          may.includes("attempt") ? this.button("sale.again", again, false) : null,
        ];
      default:
        return [this.parts.make("span", { class: "hidden" }, words.say("sale.new")), fresh(true)];
    }
  }

  /** Another sale of what the card can pay: the refused one stays refused. */
  private rest({ sale }: Model): Child {
    const amount = payableOf(sale);
    if (sale === null || amount === null) return null;
    const { make, texts, talk, env } = this.parts;
    const { currency } = sale;
    return make(
      "button",
      {
        ...{ type: "button", class: "primary", "data-key": "sale.rest", "data-do": "rest" },
        click: (click) => {
          if (this.isMeant(click))
            talk.dispatch({ name: "asked", terms: { id: newId(env.randomBytes), amount, currency } });
        },
      },
      texts().say("refused.rest", { amount: texts().money({ amount, currency }) }),
    );
  }

  /** A press that was meant for the screen before, such as the second of a double click, does nothing. */
  private button(
    label: "sale.new" | "sale.stop" | "sale.stopping" | "sale.again" | "sale.sameCard" | "repeated.yes" | "repeated.no",
    event: PageEvent,
    primary: boolean,
    disabled = false,
  ): Child {
    const { make, texts, talk } = this.parts;
    return make(
      "button",
      {
        ...{ type: "button", class: primary ? "primary" : "quiet", disabled, "data-key": label, "data-do": event.name },
        click: (click) => {
          if (this.isMeant(click)) talk.dispatch(event);
        },
      },
      texts().say(label),
    );
  }

  private isMeant(click: Event): boolean {
    const { detail } = click as UIEvent;
    // A key says 0, and has no place where it could slip.
    return detail === 0 || (detail === 1 && this.parts.env.now() - this.shownAt >= ARMED_MS);
  }
}
