import { MAX_PIN_LENGTH } from "../limits.ts";
import { troubleOf } from "../talk/sale-talk.ts";
import { type Child, type Make, Slot, write } from "../view/dom.ts";
import { drawShape } from "../view/shapes.ts";
import type { PageParts } from "./page-parts.ts";

/** The device is paired with the box, and a person signs in on it; then the page opens. */
export class DoorsStage {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly slot: Slot;
  private readonly fault: HTMLElement;
  private readonly opened: () => void;
  private name: string | null = null;

  constructor(parts: PageParts, opened: () => void) {
    this.parts = parts;
    this.opened = opened;
    this.slot = new Slot(parts.make("div", { class: "door" }));
    this.fault = parts.make("p", { class: "fault", role: "alert" });
    this.element = parts.make("section", { class: "sheet doors" }, this.slot.element, this.fault);
  }

  show(screen: "pairing" | "person"): void {
    const { texts, session } = this.parts;
    const { people } = session.now;
    const [only] = people;
    if (people.length === 1 && only !== undefined) this.name = only.name;
    this.element.dataset["screen"] = screen;
    this.slot.show([screen, texts().language, people, this.name], () =>
      screen === "pairing" ? this.pairing() : this.person(),
    );
  }

  private pairing(): Child[] {
    const { make, texts, env, session } = this.parts;
    const words = texts();
    const code = field(make, {
      id: "pairing-code",
      label: words.say("pairing.code"),
      attributes: { autocomplete: "one-time-code", dir: "ltr", class: "code" },
    });
    // The box shows a QR of this page with the code in it.
    code.input.value = /^#pair=([0-9A-Za-z-]{1,32})$/.exec(env.window.location.hash)?.[1] ?? "";
    const name = field(make, { id: "pairing-name", label: words.say("pairing.name"), attributes: { maxlength: 64 } });
    const pair = (): void =>
      void this.try(async () => {
        await session.pair(code.input.value.trim(), name.input.value.trim());
      });
    return [
      drawShape(env.document, "lock"),
      make("h1", {}, words.say("pairing.title")),
      make("p", {}, words.say("pairing.text")),
      this.form(pair, [
        code.box,
        name.box,
        make("button", { type: "submit", class: "primary" }, words.say("pairing.go")),
      ]),
    ];
  }

  private person(): Child[] {
    const { make, texts } = this.parts;
    const title = make("h1", {}, texts().say("person.title"));
    return [title, this.name === null ? this.people() : this.pinPad(this.name)];
  }

  private people(): Child {
    const { make, texts, session } = this.parts;
    const choices = session.now.people.map(({ name, role }) => {
      const choose = (): void => {
        this.choose(name);
        this.slot.element.querySelector("input")?.focus();
      };
      const label = [make("strong", {}, name), make("small", {}, texts().say(`role.${role}`))];
      return make(
        "li",
        {},
        make("button", { type: "button", class: "quiet", "data-key": `person-${name}`, click: choose }, ...label),
      );
    });
    return make("ul", { class: "people" }, ...choices);
  }

  private choose(name: string | null): void {
    this.name = name;
    write(this.fault, "");
    this.show("person");
  }

  private pinPad(name: string): Child {
    const { make, texts, session } = this.parts;
    const words = texts();
    const pin = make("input", {
      ...{ id: "person-pin", type: "password", inputmode: "none", autocomplete: "off", maxlength: MAX_PIN_LENGTH },
      ...{ dir: "ltr", class: "code" },
    });
    const key = (label: string, press: () => void, name?: string): Child => {
      const named = name === undefined ? {} : { "aria-label": name };
      return make("button", { type: "button", class: "key", click: press, ...named }, label);
    };
    const digit = (label: string): Child =>
      key(label, () => {
        if (pin.value.length < MAX_PIN_LENGTH) pin.value += label;
      });
    const erase = (): void => {
      pin.value = pin.value.slice(0, -1);
    };
    const back = (): void => {
      this.choose(null);
    };
    const signIn = (): void =>
      void this.try(async () => {
        const typed = pin.value;
        pin.value = "";
        await session.signIn(name, typed);
        this.name = null;
      });
    const go = make("button", { type: "submit", class: "key go", "aria-label": words.say("person.go") }, "✓");
    const keys = [..."123456789"].map(digit).concat(key("⌫", erase, words.say("amount.delete")), digit("0"), go);
    const isOneOfMany = session.now.people.length > 1;
    return this.form(signIn, [
      make("label", { for: "person-pin" }, words.say("person.pin", { name })),
      pin,
      make("div", { class: "keypad", role: "group", "aria-label": words.say("amount.keypad") }, ...keys),
      isOneOfMany ? make("button", { type: "button", class: "quiet", click: back }, words.say("person.back")) : null,
    ]);
  }

  private form(submit: () => void, children: readonly Child[]): HTMLElement {
    return this.parts.make(
      "form",
      {
        novalidate: true,
        submit: (event) => {
          event.preventDefault();
          submit();
        },
      },
      ...children,
    );
  }

  /** What was wrong is said; else the page is opened anew. */
  private async try(work: () => Promise<void>): Promise<void> {
    const { texts } = this.parts;
    write(this.fault, "");
    try {
      await work();
      this.opened();
    } catch (error) {
      const { code, message, retryAfterSeconds } = troubleOf(error);
      const wait =
        retryAfterSeconds == null
          ? ""
          : ` ${texts().say("person.wait", { duration: texts().duration(retryAfterSeconds) })}`;
      write(this.fault, `${texts().code(code, message)}${wait}`);
    }
  }
}

function field(
  make: Make,
  {
    id,
    label,
    attributes,
  }: { readonly id: string; readonly label: string; readonly attributes: Readonly<Record<string, string | number>> },
) {
  const input = make("input", { id, autocomplete: "off", ...attributes });
  return { input, box: make("div", { class: "field" }, make("label", { for: id }, label), input) };
}
