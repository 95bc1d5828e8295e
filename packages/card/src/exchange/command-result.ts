import {
  type CardChannel,
  type CommandApdu,
  describeStatusWord,
  exchange,
  formatStatusWord,
  SW_SUCCESS,
} from "@tallystick/apdu";
import { type CardRefusalCode, cashierSentence, reasonOfStatusWord, refusalByStatusWord } from "@tallystick/protocol";

/** A card's refusal: expected, and therefore a value (spec §4.6). */
export interface CardRefusal {
  readonly ok: false;
  /** The status word, such as 0x9E06. */
  readonly sw: number;
  readonly reason: CardRefusalCode;
  /** The status word, what it means and what to do. */
  readonly message: string;
}

/**
 * What a command brought: its value, or the card's refusal. A torn or unreadable answer is thrown
 * instead.
 */
export type CommandResult<T> = { readonly ok: true; readonly value: T } | CardRefusal;

/** Sends one command; reads the data of 9000, turns every other status word into a refusal. */
export async function runCommand<T>(
  channel: CardChannel,
  command: CommandApdu,
  read: (data: Uint8Array) => T,
): Promise<CommandResult<T>> {
  const { data, sw } = await exchange(channel, command);
  if (sw !== SW_SUCCESS) return refusalOf(sw);
  return { ok: true, value: read(data) };
}

/** The refusal for a status word other than 9000. */
export function refusalOf(sw: number): CardRefusal {
  return {
    ok: false,
    sw,
    reason: reasonOfStatusWord(sw),
    message: `${formatStatusWord(sw)}: ${sentenceOf(sw)}`,
  };
}

/** The protocol explains the applet's own status words, the layer below those of ISO 7816. */
function sentenceOf(sw: number): string {
  return refusalByStatusWord.has(sw) ? cashierSentence(reasonOfStatusWord(sw)) : describeStatusWord(sw);
}
