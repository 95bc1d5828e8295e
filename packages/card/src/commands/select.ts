import { type CardChannel, type CommandApdu, selectCommand } from "@tallystick/apdu";
import {
  type BlankSelectAnswer,
  decodeBlankSelectAnswer,
  decodeSelectAnswer,
  instanceAid,
  isBlankSelectAnswer,
  type SelectAnswer,
} from "@tallystick/protocol";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";

/**
 * What SELECT shows (spec §4.4): the whole state, or that there is no allowance yet. `bytes` is the
 * answer as it came.
 */
export type Selected =
  | { readonly kind: "personalized"; readonly bytes: Uint8Array; readonly answer: SelectAnswer }
  | { readonly kind: "blank"; readonly bytes: Uint8Array; readonly answer: BlankSelectAnswer };

/** SELECT of an instance of the applet; the first is 1 (spec §2.3, §4.4). */
export function selectInstanceCommand(instance = 1): CommandApdu {
  return selectCommand(instanceAid(instance));
}

/**
 * SELECT in its short form (spec §4.4): P2 04 asks for the FCP template. Cards without it answer 6A82 or
 * 6A86.
 */
export function selectShortCommand(instance = 1): CommandApdu {
  return { ...selectInstanceCommand(instance), p2: 0x04 };
}

/** Reads the answer to SELECT; throws ProtocolError for anything but the two forms. */
export function readSelectAnswer(data: Uint8Array): Selected {
  if (isBlankSelectAnswer(data)) return { kind: "blank", bytes: data, answer: decodeBlankSelectAnswer(data) };
  return { kind: "personalized", bytes: data, answer: decodeSelectAnswer(data) };
}

/** Selects an instance of the applet. 6A82 and 6999 mean that the card has no such instance. */
export async function select(channel: CardChannel, instance = 1): Promise<CommandResult<Selected>> {
  return await runCommand(channel, selectInstanceCommand(instance), readSelectAnswer);
}
