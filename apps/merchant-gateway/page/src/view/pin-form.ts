import type { Texts } from "../texts/texts.ts";
import type { Make } from "./dom.ts";

/** The field for a cardholder's PIN. It is empty again as soon as the PIN was taken; what is no PIN stays to be typed anew. */
export function pinForm(make: Make, words: Texts, take: (pin: string) => void): HTMLElement {
  const input = make("input", {
    ...{ id: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, pattern: "[0-9]*" },
    "data-key": "pin",
  });
  return make(
    "form",
    {
      ...{ class: "pin-form", novalidate: true },
      submit: (event) => {
        event.preventDefault();
        const pin = input.value.trim();
        input.value = "";
        if (/^[0-9]{4,12}$/.test(pin)) take(pin);
        else input.focus();
      },
    },
    make("label", { for: "pin" }, words.say("pin.label")),
    input,
    make("button", { type: "submit", class: "primary", "data-key": "pin.go" }, words.say("pin.go")),
  );
}
