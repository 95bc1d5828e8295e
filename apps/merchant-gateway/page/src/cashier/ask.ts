import { type Make, write } from "../view/dom.ts";

/** One question to the cashier. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  /** A field with this in it and its label; null asks for yes or no alone. */
  readonly field: { readonly label: string; readonly value: string } | null;
  /** What is wrong with the field, or null. */
  readonly check: (typed: string) => string | null;
}

/**
 * Asks in a dialog of the page: the browser keeps the focus in it, and Escape closes it. Resolves with null where
 * the answer is no, else with what stands in the field.
 */
export async function ask(make: Make, place: HTMLElement, question: Question): Promise<string | null> {
  const { title, text, yes, no, field, check } = question;
  const input = make("input", {
    id: "ask-field",
    autocomplete: "off",
    dir: "ltr",
    value: field?.value ?? "",
    "aria-describedby": "ask-fault",
  });
  const fault = make("p", { id: "ask-fault", class: "fault", role: "alert" });
  const refuse = make("button", { type: "button", class: "quiet" }, no);
  const dialog = make(
    "dialog",
    { class: "ask", "aria-labelledby": "ask-title", "aria-describedby": "ask-text" },
    make("h2", { id: "ask-title" }, title),
    make("p", { id: "ask-text" }, text),
  );
  return await new Promise<string | null>((resolve) => {
    let isDone = false;
    const end = (answer: string | null): void => {
      if (isDone) return;
      isDone = true;
      dialog.remove();
      resolve(answer);
    };
    const form = make(
      "form",
      {
        novalidate: true,
        submit: (event) => {
          event.preventDefault();
          const wrong = field === null ? null : check(input.value);
          write(fault, wrong ?? "");
          if (wrong === null) end(input.value);
        },
      },
      ...(field === null ? [] : [make("label", { for: "ask-field" }, field.label), input, fault]),
      make("div", { class: "row" }, make("button", { type: "submit", class: "primary" }, yes), refuse),
    );
    refuse.addEventListener("click", () => {
      end(null);
    });
    dialog.addEventListener("cancel", () => {
      end(null);
    });
    dialog.append(form);
    place.append(dialog);
    if (typeof dialog.showModal === "function") dialog.showModal();
    else dialog.setAttribute("open", "");
    if (field === null) refuse.focus();
    else input.select();
  });
}
