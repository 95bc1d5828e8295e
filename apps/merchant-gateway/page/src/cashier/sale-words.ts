import { isAwaited, type Model, type Screen } from "../machine/model.ts";
import type { Shape } from "../view/shapes.ts";
import type { Texts } from "../texts/texts.ts";

/** Colour of a screen: what it means stands in its title and shape as well. */
export type Tone = "calm" | "keep" | "good" | "bad" | "unsure";

/** What a screen of a sale says. */
export interface SaleWords {
  readonly shape: Shape;
  readonly tone: Tone;
  readonly title: string;
  readonly lines: readonly string[];
}

/** What the page knows beside the sale. */
export interface SaleContext {
  readonly texts: Texts;
  /** Whether the terminal is heard. */
  readonly isUp: boolean;
  /** Whether a card lies on the reader, as far as the terminal says. */
  readonly cardThere: boolean;
}

type SaleScreen = Exclude<Screen, "starting" | "pairing" | "person" | "amount">;

const looks: { readonly [screen in SaleScreen]: readonly [Shape, Tone] } = {
  asking: ["wait", "calm"],
  waiting: ["card", "calm"],
  "card-left": ["away", "unsure"],
  "card-seen": ["keep", "keep"],
  paying: ["keep", "keep"],
  paid: ["good", "good"],
  refused: ["bad", "bad"],
  repeated: ["ask", "unsure"],
  pin: ["lock", "calm"],
  unresolved: ["unsure", "unsure"],
  reversed: ["back", "unsure"],
};

/** Whether a screen is of a sale. */
export function isSaleScreen(screen: Screen): screen is SaleScreen {
  return screen in looks;
}

/** The sentences of a sale as the terminal told it last. */
export function saleWords(model: Model & { readonly screen: SaleScreen }, context: SaleContext): SaleWords {
  const { screen } = model;
  const [shape, tone] = looks[screen];
  const { texts } = context;
  if (!context.isUp && (isAwaited(screen) || screen === "asking"))
    return { shape: "wait", tone: "unsure", title: texts.say("asking.title"), lines: [texts.say("silent.text")] };
  return { shape, tone, title: titleOf(model, texts), lines: linesOf(model, context).filter((line) => line !== "") };
}

/** A payment that this page did not see happen is a repeated answer, and reads as one. */
function isRepeatedAnswer({ screen, sale, watched }: Model): boolean {
  return screen === "paid" && !watched && sale?.paidAt != null;
}

function titleOf(model: Model & { readonly screen: SaleScreen }, texts: Texts): string {
  return texts.say(isRepeatedAnswer(model) ? "paid.already" : `${model.screen}.title`);
}

/** When the payment was made, and by which card. */
function paidLine(model: Model, texts: Texts): string {
  const { sale } = model;
  if (!isRepeatedAnswer(model) || sale?.paidAt == null) return "";
  const time = texts.time(sale.paidAt);
  return sale.card === null
    ? texts.say("paid.atNoCard", { time })
    : texts.say("paid.at", { time, card: shortCard(sale.card) });
}

/** A card as people compare it: the beginning of its address, read from left to right. */
export function shortCard(card: string): string {
  return `\u2068${card.slice(0, 8)}…\u2069`;
}

function linesOf(model: Model & { readonly screen: SaleScreen }, { texts, cardThere }: SaleContext): readonly string[] {
  const { screen, sale, stopping, trouble } = model;
  const said = trouble === null ? [] : [texts.code(trouble.code, trouble.message)];
  switch (screen) {
    case "asking":
    case "waiting":
    case "card-left":
    case "card-seen":
    case "paying":
      return [...said, texts.say(`${screen}.text`)];
    case "pin":
      return [texts.code(sale?.code ?? null, sale?.message ?? ""), texts.say("pin.text"), ...said];
    case "paid":
      return [
        paidLine(model, texts),
        ...said,
        ...(stopping ? [texts.say("paid.late")] : []),
        ...cardLines(model, texts),
        handLine(model, { texts, cardThere }),
      ];
    case "refused":
    case "repeated":
    case "unresolved":
    case "reversed":
      return [texts.code(sale?.code ?? null, sale?.message ?? ""), ...cardLines(model, texts), ...said];
  }
}

/** Why a card does not pay that would pay less. */
const OVER_CAP: readonly (string | null)[] = ["CARD_SPENDING_CAP", "CARD_PER_TAP", "TERMINAL_PER_TAP"];

/** What a card that was asked for too much can pay here at once, as the terminal says; null where it says nothing. */
export function payableOf(sale: Model["sale"]): string | null {
  if (sale === null || sale.state !== "refused" || !OVER_CAP.includes(sale.code)) return null;
  return sale.tap?.payable ?? null;
}

/** What is left on the card after its payment, or where it was asked for too much. */
function leftOf({ cardLeft, state, code, tap }: NonNullable<Model["sale"]>): string | null {
  return state === "refused" && OVER_CAP.includes(code) ? (tap?.left ?? null) : cardLeft;
}

/** What a newer allowance changed on the card, and what is left on it. */
export function cardLines({ sale }: Pick<Model, "sale">, texts: Texts): string[] {
  if (sale === null) return [];
  const { currency } = sale;
  const left = leftOf(sale);
  const update = sale.tap?.update ?? null;
  const lines: string[] = [];
  if (update !== null && /[1-9]/.test(update.added))
    lines.push(texts.say("paid.added", { amount: texts.money({ amount: update.added, currency }) }));
  if (update?.lowered === true) lines.push(texts.say("paid.lowered"));
  if (update?.suspended === true) lines.push(texts.say("paid.suspended"));
  if (left !== null) lines.push(texts.say("paid.left", { amount: texts.money({ amount: left, currency }) }));
  return lines;
}

/** The card stays while it is in use, and is taken when it is not. */
function handLine({ sale, watched }: Model, { texts, cardThere }: Pick<SaleContext, "texts" | "cardThere">): string {
  if (sale?.holding === true) return texts.say("paid.keep");
  return watched && cardThere ? texts.say("paid.take") : "";
}
