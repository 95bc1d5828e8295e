import { troubleOf } from "../talk/sale-talk.ts";
import { type Child, Slot, write } from "../view/dom.ts";
import type { PageParts } from "./page-parts.ts";

/** What of the page is open. `money`, `reports` and `balance` stand behind `more`. */
export type Place = "sell" | "payments" | "state" | "more" | "money" | "reports" | "balance";

/** A place of the page beside selling. */
export interface Sheet {
  readonly element: HTMLElement;
  show(): void;
  /** Somebody opened it. */
  enter?(): Promise<void>;
  /** Something else is open now. */
  leave?(): void;
}

/** Writes why a call failed, in the cashier's language. */
export function sayFault(place: HTMLElement, { texts }: Pick<PageParts, "texts">, error: unknown): void {
  const { code, message } = troubleOf(error);
  write(place, texts().code(code, message));
}

/** A button of a sheet. */
export function quietButton(
  { make }: Pick<PageParts, "make">,
  label: string,
  { key, press, disabled = false }: { readonly key: string; readonly press: () => void; readonly disabled?: boolean },
): HTMLElement {
  return make("button", { type: "button", class: "quiet", "data-key": key, click: press, disabled }, label);
}

/** Names with what stands under each. */
export function detailList(
  { make }: Pick<PageParts, "make">,
  rows: readonly (readonly [string, string])[],
): HTMLElement {
  return make(
    "dl",
    { class: "details" },
    ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
  );
}

/** What every sheet is made of: one line that says what came of something, and what changes. */
export function sheetFrame({ make }: Pick<PageParts, "make">, titleId: string) {
  const told = make("p", { class: "told", role: "status" });
  const slot = new Slot(make("div", {}));
  const element = make("section", { class: "sheet", "aria-labelledby": titleId }, told, slot.element);
  return { element, slot, told };
}

/** One entry of a list: its title and amount, what is to be known of it, and what can be done. */
export function listEntry(
  { make }: Pick<PageParts, "make">,
  entry: { readonly title: string; readonly amount: string; readonly about: readonly string[] },
  ...more: readonly Child[]
): HTMLElement {
  const { title, amount, about } = entry;
  const head = make(
    "div",
    { class: "payment-head" },
    make("strong", { class: "payment-title" }, title),
    make("span", { class: "payment-amount" }, amount),
  );
  const known = about.filter((text) => text !== "").join(" · ");
  return make("li", { class: "payment" }, head, make("p", { class: "about" }, known), ...more);
}
