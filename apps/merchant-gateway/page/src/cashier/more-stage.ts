import { Slot } from "../view/dom.ts";
import type { PageParts } from "./page-parts.ts";
import type { Place, Sheet } from "./sheet.ts";

/** Places that are opened less often than the others. */
const BEHIND = ["balance", "money", "reports"] as const;

/** Whether a place stands behind More. */
export function isBehindMore(place: Place): boolean {
  return place === "more" || (BEHIND as readonly Place[]).includes(place);
}

/** The list of what stands behind More, with a sentence for each. */
export class MoreStage implements Sheet {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly slot: Slot;
  private readonly go: (place: Place) => void;

  constructor(parts: PageParts, go: (place: Place) => void) {
    this.parts = parts;
    this.go = go;
    this.slot = new Slot(parts.make("div", {}));
    this.element = parts.make("section", { class: "sheet", "aria-labelledby": "more-title" }, this.slot.element);
  }

  show(): void {
    const { make, texts } = this.parts;
    const words = texts();
    this.slot.show([words.language], () => [
      make("h1", { id: "more-title" }, words.say("nav.more")),
      make("ul", { class: "more" }, ...BEHIND.map((place) => make("li", {}, this.way(place)))),
    ]);
  }

  private way(place: (typeof BEHIND)[number]): HTMLElement {
    const { make, texts } = this.parts;
    const words = texts();
    const open = (): void => {
      this.go(place);
    };
    return make(
      "button",
      { type: "button", class: "quiet", "data-key": `way-${place}`, click: open },
      make("strong", {}, words.say(`nav.${place}`)),
      make("small", {}, words.say(`more.${place}`)),
    );
  }
}
