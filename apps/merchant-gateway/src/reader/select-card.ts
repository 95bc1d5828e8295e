import { type CardChannel, encodeCommand, parseResponse } from "@tallystick/apdu";
import { selectInstanceCommand, selectShortCommand } from "@tallystick/card";
import {
  decodeSelectAnswer,
  decodeShortSelectAnswer,
  encodeSelectAnswer,
  isBlankSelectAnswer,
  isProtocolError,
  isShortSelectAnswer,
  type ReasonCode,
  type SelectAnswer,
  type ShortSelectAnswer,
} from "@tallystick/protocol";
import { SW_NOT_SELECTABLE, SW_OK, statusWordText } from "./status-words.ts";

/**
 * What the short SELECT was worth (spec §5.16): it served; the card answered it and is not known well
 * enough; the card has no such form, or gave no answer of it; the card was silent or gone, and answered
 * when it was asked in the long form; it was not sent.
 */
export type ShortSelect = "served" | "unserved" | "refused" | "unanswered" | "unasked";

/** A card that SELECT showed; `bytes` are the 234 of the long answer, rebuilt where the short one served. */
export interface SelectedCard {
  readonly kind: "card";
  readonly select: SelectAnswer;
  readonly bytes: Uint8Array;
  readonly short: ShortSelect;
}

/** What SELECT of one instance brought. */
export type SelectOutcome =
  | SelectedCard
  /**
   * A card, but not one that can pay. `absent` is true where there is no such instance, and no
   * further one.
   */
  | { readonly kind: "refused"; readonly code: ReasonCode; readonly sw: string; readonly absent: boolean };

/** What a terminal remembers of cards, so that it asks them in the short form (spec §5.16). */
export interface CardMemory {
  /** Whether the next card is asked in the short form. */
  asksShort(): boolean;
  /** The long answer of an instance that showed the short one; null where the long form must be asked. */
  recall(short: ShortSelectAnswer, instance: number): SelectAnswer | null;
  /**
   * Which card came; the next ones are asked by that. Null where one that was asked in the short form
   * was silent or gone, and none came that can pay.
   */
  met(card: SelectedCard | null): void;
}

/** SELECTs of one card. Its first instance is asked in the short form as long as that serves. */
export class CardSelector {
  private readonly transmit: CardChannel;
  private readonly memory: CardMemory | null;
  private serves = true;
  private shown: "has" | "lacks" | null = null;

  constructor(transmit: CardChannel, memory: CardMemory | null) {
    this.transmit = transmit;
    this.memory = memory;
  }

  /** What the card showed of its short forms; null where it was not asked. */
  get shortForms(): "has" | "lacks" | null {
    return this.shown;
  }

  async select(instance: number, form: "short" | "long"): Promise<SelectOutcome> {
    const isLong = form === "long" || instance > 1 || !this.serves;
    if (this.memory === null || isLong) return await this.selectLong(instance, "unasked");
    const { data, sw } = parseResponse(await this.transmit(encodeCommand(selectShortCommand(instance))));
    if (sw === SW_OK && isBlankSelectAnswer(data)) return readSelect(data, sw, "unasked");
    const short = sw === SW_OK && isShortSelectAnswer(data) ? readShort(data) : null;
    this.shown = short === null ? "lacks" : "has";
    const select = short === null ? null : this.memory.recall(short, instance);
    if (select !== null) return { kind: "card", select, bytes: encodeSelectAnswer(select), short: "served" };
    this.serves = false;
    const inFull = sw === SW_OK && short === null ? readSelect(data, sw, "refused") : null;
    if (inFull?.kind === "card") return inFull;
    return await this.selectLong(instance, short === null ? "refused" : "unserved");
  }

  private async selectLong(instance: number, short: ShortSelect): Promise<SelectOutcome> {
    const { data, sw } = parseResponse(await this.transmit(encodeCommand(selectInstanceCommand(instance))));
    return readSelect(data, sw, short);
  }
}

function readShort(data: Uint8Array): ShortSelectAnswer | null {
  try {
    return decodeShortSelectAnswer(data);
  } catch (error) {
    if (isProtocolError(error)) return null;
    throw error;
  }
}

function readSelect(data: Uint8Array, sw: number, short: ShortSelect): SelectOutcome {
  const text = statusWordText(sw);
  if (sw !== SW_OK) return { kind: "refused", code: "CARD_NOT_TALLYSTICK", sw: text, absent: sw !== SW_NOT_SELECTABLE };
  if (isBlankSelectAnswer(data)) return { kind: "refused", code: "CARD_NOT_PERSONALIZED", sw: text, absent: false };
  try {
    return { kind: "card", select: decodeSelectAnswer(data), bytes: data, short };
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    const foreign = error.code === "UNKNOWN_TAG" || error.code === "WRONG_LENGTH" || error.code === "SURPLUS_BYTES";
    return {
      kind: "refused",
      code: foreign ? "CARD_NOT_TALLYSTICK" : "CARD_ANSWER_MALFORMED",
      sw: text,
      absent: false,
    };
  }
}
