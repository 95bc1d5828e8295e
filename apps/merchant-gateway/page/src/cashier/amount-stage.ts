import { numberForm } from "../amount/numerals.ts";
import { readAmount } from "../amount/read-amount.ts";
import { writeAmount } from "../amount/write-amount.ts";
import { MAX_TYPED_LENGTH } from "../limits.ts";
import type { Currency } from "../talk/readiness-watch.ts";
import { newId } from "../talk/new-id.ts";
import type { WordName } from "../texts/en/names.ts";
import { Slot, write } from "../view/dom.ts";
import type { PageParts } from "./page-parts.ts";

/** Shown where an amount could not be read. */
const EXAMPLE = "12.5";

/** The amount: typed, or by the keypad, in the digits and with the separator of the page's language. */
export class AmountStage {
  readonly element: HTMLFormElement;
  private readonly parts: PageParts;
  private readonly input: HTMLInputElement;
  private readonly heard: HTMLElement;
  private readonly fault: HTMLElement;
  private readonly currencies: Slot;
  private readonly keypad: Slot;
  private readonly labels: Slot;
  private readonly take: HTMLButtonElement;
  private chosen: string | null = null;

  constructor(parts: PageParts) {
    this.parts = parts;
    const { make } = parts;
    this.input = make("input", {
      ...{ id: "amount", name: "amount", class: "amount-input", inputmode: "none", autocomplete: "off" },
      ...{
        maxlength: MAX_TYPED_LENGTH,
        "aria-describedby": "amount-heard amount-fault",
        enterkeyhint: "go",
        dir: "ltr",
      },
      input: () => {
        this.say(null);
        this.show();
      },
    });
    this.heard = make("p", { id: "amount-heard", class: "heard" });
    this.fault = make("p", { id: "amount-fault", class: "fault", role: "alert" });
    this.labels = new Slot(make("h1", { class: "amount-label" }));
    this.currencies = new Slot(make("div", { class: "currencies" }));
    this.keypad = new Slot(make("div", { class: "keypad", role: "group" }));
    this.take = make("button", { type: "submit", class: "take", "data-key": "take" });
    this.element = make(
      "form",
      {
        class: "amount-stage",
        novalidate: true,
        autocomplete: "off",
        submit: (event) => {
          event.preventDefault();
          this.ask();
        },
      },
      make(
        "div",
        { class: "amount-box" },
        this.labels.element,
        this.currencies.element,
        this.input,
        this.heard,
        this.fault,
      ),
      make("div", { class: "amount-keys" }, this.keypad.element, this.take),
    );
  }

  /** Draws what depends on language and readiness, and what the amount is read as. */
  show(): void {
    const { make, texts } = this.parts;
    const words = texts();
    this.labels.show([words.language], () => [make("label", { for: "amount" }, words.say("amount.title"))]);
    this.showCurrencies();
    const { digits, decimal } = numberForm(words.locale);
    const { keyedDecimals } = this.currency();
    this.keypad.element.setAttribute("aria-label", words.say("amount.keypad"));
    this.keypad.show([digits, decimal, keyedDecimals], () => {
      const key = (label: string, press: () => void, name?: string): HTMLButtonElement =>
        make(
          "button",
          { type: "button", class: "key", click: press, ...(name === undefined ? {} : { "aria-label": name }) },
          label,
        );
      const digit = (index: number): HTMLButtonElement => {
        const label = digits[index] ?? String(index);
        return key(label, () => {
          this.type(label);
        });
      };
      const point =
        keyedDecimals === 0
          ? key("00", () => this.type((digits[0] ?? "0").repeat(2)))
          : key(decimal, () => this.type(decimal));
      const erase = key("⌫", () => this.erase(), words.say("amount.delete"));
      return [...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit), point, digit(0), erase];
    });
    const amount = this.read();
    const money = amount.ok ? words.money({ amount: amount.amount, currency: this.currency().currency }) : "";
    write(this.heard, money);
    write(this.take, words.say("amount.take"));
    this.input.placeholder = writeAmount("0", { locale: words.locale, decimals: keyedDecimals });
  }

  focus(): void {
    this.input.focus({ preventScroll: true });
  }

  clear(): void {
    this.input.value = "";
    this.say(null);
    this.show();
  }

  /** An amount that was asked for and did not reach the terminal stands here again. */
  fill(amount: string): void {
    if (this.input.value !== "") return;
    const { locale } = this.parts.texts();
    const fraction = amount.split(".")[1] ?? "";
    const { digits, decimal } = numberForm(locale);
    this.input.value = amount
      .replace(/[0-9]/g, (digit) => digits[Number(digit)] ?? digit)
      .replace(".", fraction === "" ? "" : decimal);
    this.show();
  }

  /** Why the sale before did not begin. */
  trouble(text: string | null): void {
    write(this.fault, text ?? "");
  }

  private read() {
    const form = numberForm(this.parts.texts().locale);
    return readAmount(this.input.value, { form, decimals: this.currency().keyedDecimals });
  }

  /** Begins a sale, or says by name why what was typed is no amount. */
  private ask(): void {
    const { talk, env, texts } = this.parts;
    if (talk.model.screen !== "amount") return;
    const amount = this.read();
    const { currency, keyedDecimals } = this.currency();
    this.input.setAttribute("aria-invalid", String(!amount.ok));
    if (!amount.ok) {
      const example = writeAmount(EXAMPLE, { locale: texts().locale, decimals: keyedDecimals });
      this.say(texts().say(amount.fault satisfies WordName, { example, decimals: texts().count(keyedDecimals) }));
      this.focus();
      return;
    }
    talk.dispatch({ name: "asked", terms: { id: newId(env.randomBytes), amount: amount.amount, currency } });
  }

  private say(text: string | null): void {
    write(this.fault, text ?? "");
    if (text === null) this.input.removeAttribute("aria-invalid");
  }

  private type(text: string): void {
    if (this.input.value.length + text.length <= MAX_TYPED_LENGTH) this.input.value += text;
    this.say(null);
    this.show();
  }

  private erase(): void {
    this.input.value = [...this.input.value].slice(0, -1).join("");
    this.say(null);
    this.show();
  }

  /** The currency that is sold in: the chosen one, else the first that sells. */
  private currency(): Pick<Currency, "currency" | "keyedDecimals"> {
    const all = this.parts.readiness.last?.currencies ?? [];
    const found = all.find(({ currency }) => currency === this.chosen) ?? all.find(({ ready }) => ready) ?? all[0];
    return found ?? { currency: "", keyedDecimals: 2 };
  }

  private showCurrencies(): void {
    const { make, texts, readiness } = this.parts;
    const all = readiness.last?.currencies ?? [];
    const now = this.currency().currency;
    const words = texts();
    this.currencies.show([words.language, now, all.map(({ currency, ready }) => [currency, ready])], () => {
      if (all.length < 2) return [now];
      const choices = all.map(({ currency, ready }) => {
        const radio = make("input", {
          ...{ type: "radio", name: "currency", value: currency, checked: currency === now, disabled: !ready },
          "data-key": `currency-${currency}`,
          change: () => {
            this.chosen = currency;
            this.show();
          },
        });
        const note = ready
          ? null
          : make("small", {}, words.say("state.currencyStopped", { currency: "" }).replace(/^\W+/u, ""));
        return make("label", { class: "currency" }, radio, make("span", {}, currency), note);
      });
      return [make("fieldset", {}, make("legend", { class: "hidden" }, words.say("amount.currency")), ...choices)];
    });
  }
}
