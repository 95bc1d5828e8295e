import type { Sale } from "@tallystick/gateway-client";

/** What a cashier asked for, as it is remembered over a reload. */
export interface Terms {
  readonly id: string;
  /** Decimal string with a point. */
  readonly amount: string;
  readonly currency: string;
}

/** A refusal of a call, which the page's own texts say in the cashier's language. */
export interface Trouble {
  readonly code: string;
  /** The terminal's own message, where the page has none for the code. */
  readonly message: string;
  readonly retryAfterSeconds?: number | null;
}

/** What fills the page. From `waiting` to `pin` it is what the terminal said last of a sale, and nothing else. */
export const SCREENS = [
  ...(["starting", "pairing", "person", "amount", "asking"] as const),
  ...(["waiting", "card-left", "card-seen", "paying"] as const),
  ...(["paid", "refused", "repeated", "pin", "unresolved", "reversed"] as const),
] as const;

export type Screen = (typeof SCREENS)[number];

/** Everything that the page knows of its sale. */
export interface Model {
  readonly screen: Screen;
  readonly terms: Terms | null;
  /** What the terminal said last of the sale. */
  readonly sale: Sale | null;
  /** A card was awaited for it while this page watched: what it came to is news, and no repeated answer. */
  readonly watched: boolean;
  /** The cashier has asked to stop. */
  readonly stopping: boolean;
  /** A sale that was asked for and that the terminal did not know: its request may still be on its way. */
  readonly lost: { readonly terms: Terms; readonly stopping: boolean } | null;
  readonly trouble: Trouble | null;
}

export const FIRST: Model = {
  ...{ screen: "starting", terms: null, sale: null, watched: false, stopping: false, lost: null, trouble: null },
};

/** What may happen. */
export type PageEvent =
  /** The terminal answers this page; what was remembered over a reload is read again. */
  | { readonly name: "opened"; readonly remembered: Terms | null }
  /** The terminal wants to know the device or the person first. */
  | { readonly name: "closed"; readonly needed: "pairing" | "person" }
  | { readonly name: "asked"; readonly terms: Terms }
  | { readonly name: "told"; readonly sale: Sale }
  /** The terminal knows no sale of this id. */
  | { readonly name: "unknown"; readonly id: string }
  | { readonly name: "refused"; readonly id: string | null; readonly trouble: Trouble }
  | { readonly name: "stop" }
  | { readonly name: "again"; readonly pin: string | null; readonly word: boolean }
  | { readonly name: "fresh" };

export type EventName = PageEvent["name"];
export const EVENTS: readonly EventName[] = [
  ...(["opened", "closed", "asked", "told", "unknown", "refused", "stop", "again", "fresh"] as const),
];

/** What is to be done then; nothing else of the page talks to the terminal about sales. */
export type Effect =
  | { readonly do: "remember"; readonly terms: Terms }
  | { readonly do: "forget" }
  | { readonly do: "put"; readonly terms: Terms }
  | { readonly do: "read"; readonly id: string }
  | { readonly do: "cancel"; readonly id: string }
  | { readonly do: "attempt"; readonly id: string; readonly pin: string | null; readonly word: boolean }
  /** Whatever sale the terminal has a card awaited for. */
  | { readonly do: "look" };

/** While a card is awaited. */
export function isAwaited(screen: Screen): boolean {
  return screen === "waiting" || screen === "card-left" || screen === "card-seen" || screen === "paying";
}

/** The screen of a sale. Paid is shown for a payment alone: one that the terminal names with its time. */
export function screenOf({ state, code, paidAt }: Sale): Screen {
  if (state === "paid") return paidAt === null ? "unresolved" : "paid";
  if (state !== "refused") return state;
  if (code === "SALE_REPEATED") return "repeated";
  return code === "CARD_PIN_NEEDED" || code === "CARD_WRONG_PIN" ? "pin" : "refused";
}
