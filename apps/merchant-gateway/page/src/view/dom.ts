/** What stands in an element: elements, and texts, which are only ever texts. */
export type Child = Node | string | null;

/** Attributes of an element, and what it does when somebody uses it. */
export interface Attributes {
  readonly [name: string]: string | boolean | number | ((event: Event) => void) | undefined;
}

/** Makes an element. An attribute that is a function listens; `true` is an attribute without a value. */
export type Make = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes?: Attributes,
  ...children: readonly Child[]
) => HTMLElementTagNameMap[Tag];

/** The maker of one document. */
export function makerOf(document: Document): Make {
  return (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  };
}

/** A place of the page that is made anew only where what it shows has changed. */
export class Slot {
  readonly element: HTMLElement;
  private shown = "";

  constructor(element: HTMLElement) {
    this.element = element;
  }

  /** Answers whether it was made anew. A button that had the focus has it again, by its `data-key`. */
  show(what: unknown, make: () => readonly Child[]): boolean {
    const now = JSON.stringify(what);
    if (now === this.shown) return false;
    this.shown = now;
    const { element } = this;
    const active = element.ownerDocument.activeElement;
    const key = active !== null && element.contains(active) ? active.getAttribute("data-key") : null;
    element.replaceChildren(...make().filter((child) => child !== null));
    if (key !== null) {
      const again = [...element.querySelectorAll<HTMLElement>("[data-key]")].find(
        (each) => each.dataset["key"] === key,
      );
      again?.focus();
    }
    return true;
  }
}

/** Writes a text where it changed: screen readers say each change of a live region. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
