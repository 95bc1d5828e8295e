import { isBytes } from "../bytes/bytes.ts";
import { amount, fixedBytes, oneOf, unsigned } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { stateBytesWithAllowance } from "../objects/card-state.ts";
import { type SelectAnswer, versionField } from "./select-answer.ts";

/**
 * What SELECT answers in its short form, with P2 04, once the card has an allowance (spec §4.4): what
 * changes from tap to tap. Nothing in it is signed.
 */
export interface ShortSelectAnswer extends Pick<
  SelectAnswer,
  "version" | "state" | "cardTag" | "counter" | "spent" | "noPinUsed" | "noPinTaps" | "head"
> {
  /** Sequence number of the card's allowance. */
  readonly allowanceSeq: number;
}

/** What a terminal keeps of a card that it has met, and the short form leaves out (spec §5.16). */
export type KnownCardParts = Pick<SelectAnswer, "aid" | "cardKey" | "allowanceBody" | "allowanceSignature">;

const layout = defineLayout<ShortSelectAnswer>({
  object: "ShortSelectAnswer",
  head: Uint8Array.of(0x62, 0x41, 0x85, 0x3f),
  fields: {
    version: versionField,
    state: oneOf(stateBytesWithAllowance),
    cardTag: fixedBytes(8),
    allowanceSeq: unsigned(4, { minimum: 1 }),
    counter: unsigned(4),
    spent: amount(),
    noPinUsed: amount(),
    noPinTaps: unsigned(1),
    head: fixedBytes(32),
  },
});

/** True where the bytes have the length of SELECT's short answer: 67. */
export function isShortSelectAnswer(bytes: Uint8Array): boolean {
  return isBytes(bytes) && bytes.length === layout.length;
}

/**
 * Writes SELECT's short answer as its 67 bytes (spec §4.4). Throws ProtocolError where a field is not
 * what it may be.
 */
export function encodeShortSelectAnswer(answer: ShortSelectAnswer): Uint8Array {
  return layout.encode(answer);
}

/** Reads SELECT's short answer, without the status word, from exactly 67 bytes; throws ProtocolError. */
export function decodeShortSelectAnswer(bytes: Uint8Array): ShortSelectAnswer {
  return layout.decode(bytes);
}

/** What a card that answers this in the long form answers in the short one. */
export function shortSelectAnswer(answer: SelectAnswer): ShortSelectAnswer {
  const { version, state, cardTag, counter, spent, noPinUsed, noPinTaps, head } = answer;
  const allowanceSeq = answer.allowanceBody.seq;
  return { version, state, cardTag, allowanceSeq, counter, spent, noPinUsed, noPinTaps, head };
}

/**
 * The long answer of a card that showed the short one, with what is known of it (spec §5.16). Null where
 * the card shows another seq than that of the known allowance; whether the parts are this card's is the
 * caller's to find.
 */
export function rebuildSelectAnswer(short: ShortSelectAnswer, known: KnownCardParts): SelectAnswer | null {
  if (short.allowanceSeq !== known.allowanceBody.seq) return null;
  const { version, state, cardTag, counter, spent, noPinUsed, noPinTaps, head } = short;
  const { aid, cardKey, allowanceBody, allowanceSignature } = known;
  const shown = { version, state, cardTag, counter, spent, noPinUsed, noPinTaps, head };
  return { ...shown, aid, cardKey, allowanceBody, allowanceSignature };
}
