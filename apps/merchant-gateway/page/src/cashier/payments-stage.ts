import type { AnswerOf } from "@tallystick/gateway-client";
import { numberForm } from "../amount/numerals.ts";
import { readAmount } from "../amount/read-amount.ts";
import { writeAmount } from "../amount/write-amount.ts";
import { REFUND_DEADLINE_MS } from "../limits.ts";
import { newId } from "../talk/new-id.ts";
import { troubleOf } from "../talk/sale-talk.ts";
import type { Texts } from "../texts/texts.ts";
import { type Child, Slot, write } from "../view/dom.ts";
import { drawShape, type Shape } from "../view/shapes.ts";
import { ask } from "./ask.ts";
import type { PageParts } from "./page-parts.ts";
import { shortCard } from "./sale-words.ts";
import type { Sheet } from "./sheet.ts";

type Tap = AnswerOf<"GET /v1/taps">["taps"][number];

const shapes: { readonly [outcome in Tap["outcome"]]: Shape } = {
  accepted: "good",
  refused: "bad",
  unresolved: "unsure",
};
const titles = { accepted: "paid.title", refused: "refused.title", unresolved: "unresolved.title" } as const;

/** The list of payments, a page at a time, with what the terminal says may be done with each. */
export class PaymentsStage implements Sheet {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly slot: Slot;
  private readonly told: HTMLElement;
  /** Where each page that was left begins; the last one is shown. Null is the newest. */
  private readonly places: (string | null)[] = [null];
  /** Ids of refunds that were begun here: asking twice after a lost answer is one refund. */
  private readonly refundIds = new Map<string, string>();
  private list: AnswerOf<"GET /v1/taps"> = { taps: [], next: null };

  constructor(parts: PageParts) {
    this.parts = parts;
    const { make } = parts;
    this.told = make("p", { class: "told", role: "status" });
    this.slot = new Slot(make("div", {}));
    this.element = make(
      "section",
      { class: "sheet payments", "aria-labelledby": "payments-title" },
      this.told,
      this.slot.element,
    );
  }

  async enter(): Promise<void> {
    await this.refresh();
  }

  /** Reads the page of payments that is open; a terminal that does not answer leaves it as it is. */
  async refresh(): Promise<void> {
    const place = this.places.at(-1) ?? null;
    try {
      const query = place === null ? {} : { before: place };
      const list = await this.parts.client.call("GET /v1/taps", { query });
      if (place === (this.places.at(-1) ?? null)) this.list = list;
    } catch (error) {
      this.say(error);
    }
    this.show();
  }

  show(): void {
    const { make, texts } = this.parts;
    const words = texts();
    const { taps, next } = this.list;
    this.slot.show([words.language, words.locale, taps, next, this.places.length], () => [
      make("h1", { id: "payments-title" }, words.say("payments.title")),
      taps.length === 0
        ? make("p", { class: "none" }, words.say("payments.none"))
        : make("ol", { class: "payment-list" }, ...taps.map((tap) => this.row(tap))),
      make(
        "nav",
        { class: "row", "aria-label": words.say("payments.pages") },
        this.turn("payments.newer"),
        this.turn("payments.older"),
      ),
    ]);
  }

  private turn(label: "payments.newer" | "payments.older"): Child {
    const { next } = this.list;
    const isOlder = label === "payments.older";
    if (isOlder ? next === null : this.places.length === 1) return null;
    return this.button(this.parts.texts().say(label), label, () => {
      if (isOlder) this.places.push(next);
      else this.places.pop();
      void this.refresh();
    });
  }

  private row(tap: Tap): HTMLElement {
    const { make, texts, env, now } = this.parts;
    const words = texts();
    const money = words.money(tap);
    const time = words.dayTime(tap.time, now());
    const why = tap.code === null ? null : make("p", { class: "why" }, words.code(tap.code, tap.message));
    const place = words.say(`place.${tap.place}`);
    const about = [time, tap.card === null ? "" : shortCard(tap.card), place].filter((text) => text !== "");
    const actions = tap.may.map((action) => {
      const label = words.say(`payments.${action}`);
      const press = (): void => void (action === "refund" ? this.refund(tap) : this.reverse(tap));
      return this.button(
        label,
        `${action}-${tap.id}`,
        press,
        words.say("payments.which", { action: label, amount: money, time }),
      );
    });
    return make(
      "li",
      { class: `payment ${tap.outcome}` },
      make(
        "div",
        { class: "payment-head" },
        drawShape(env.document, shapes[tap.outcome]),
        make("strong", { class: "payment-title" }, words.say(titles[tap.outcome])),
        make("span", { class: "payment-amount" }, money),
      ),
      make("p", { class: "about" }, about.join(" · ")),
      why,
      actions.length === 0 ? null : make("div", { class: "row" }, ...actions),
    );
  }

  private button(label: string, key: string, press: () => void, name?: string): HTMLElement {
    const named = name === undefined ? {} : { "aria-label": name };
    return this.parts.make(
      "button",
      { type: "button", class: "quiet", "data-key": key, click: press, ...named },
      label,
    );
  }

  /** A paid sale is given back, whole or in part, to the card that paid it. */
  private async refund(tap: Tap): Promise<void> {
    const { make, texts, client, env } = this.parts;
    const words = texts();
    const { currency, refundable } = tap;
    if (refundable === null) return;
    const { keyedDecimals = 2, decimals = 2 } =
      this.parts.readiness.last?.currencies.find((each) => each.currency === currency) ?? {};
    const form = { form: numberForm(words.locale), decimals };
    const example = writeAmount("12.5", { locale: words.locale, decimals: keyedDecimals });
    const typed = await ask(make, this.element, {
      title: words.say("refund.title"),
      text: words.say("refund.text", {
        card: shortCard(tap.card ?? ""),
        amount: words.money({ amount: refundable, currency }),
      }),
      ...{ yes: words.say("refund.yes"), no: words.say("ask.keep") },
      field: {
        label: words.say("refund.amount"),
        value: writeAmount(refundable, { locale: words.locale, decimals: keyedDecimals }),
      },
      check: (text) => {
        const amount = readAmount(text, form);
        return amount.ok ? null : words.say(amount.fault, { example, decimals: words.count(decimals) });
      },
    });
    const read = typed === null ? null : readAmount(typed, form);
    if (read === null || !read.ok) return;
    const key = `${tap.id} ${read.amount} ${refundable}`;
    const refundId = this.refundIds.get(key) ?? newId(env.randomBytes);
    this.refundIds.set(key, refundId);
    try {
      const path = { id: tap.id };
      const whole = Number(read.amount) === Number(refundable) ? {} : { amount: read.amount };
      const answer = await client.call("POST /v1/taps/{id}/refund", {
        path,
        body: { refundId, ...whole },
        deadlineMs: REFUND_DEADLINE_MS,
      });
      if (answer.state === "refused") this.refundIds.delete(key);
      write(this.told, toldOf(answer, words));
    } catch (error) {
      this.say(error, words.say("refund.refused"));
    }
    await this.refresh();
  }

  private async reverse(tap: Tap): Promise<void> {
    const { make, texts, client } = this.parts;
    const words = texts();
    const amount = words.money(tap);
    const yes = await ask(make, this.element, {
      title: words.say("reverse.title"),
      text: words.say("reverse.text", { amount }),
      ...{ yes: words.say("reverse.yes"), no: words.say("ask.keep"), field: null, check: () => null },
    });
    if (yes === null) return;
    try {
      await client.call("POST /v1/taps/{id}/cancel", { path: { id: tap.id }, body: {} });
      write(this.told, words.say("reverse.done", { amount }));
    } catch (error) {
      this.say(error, words.say("reverse.refused"));
    }
    await this.refresh();
  }

  private say(error: unknown, title?: string): void {
    const { code, message } = troubleOf(error);
    const text = this.parts.texts().code(code, message);
    write(this.told, title === undefined ? text : `${title}. ${text}`);
  }
}

/** What came of a refund, in the cashier's language: offline it waits for the next connection, and says so. */
function toldOf(refund: AnswerOf<"POST /v1/taps/{id}/refund">, words: Texts): string {
  const { state, queued, code, message } = refund;
  if (state === "refused") return `${words.say("refund.refused")}. ${words.code(code, message)}`;
  return words.say(queued ? "refund.queued" : "refund.begun", { amount: words.money(refund) });
}
