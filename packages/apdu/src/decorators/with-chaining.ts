import type { CardChannel } from "../iso7816/card-channel.ts";
import { encodeCommand, parseCommand, type CommandApdu } from "../iso7816/command-apdu.ts";
import { CHAIN_LINKS_MAX, SHORT_COMMAND_DATA_MAX } from "../iso7816/limits.ts";
import { ApduError } from "../iso7816/apdu-error.ts";
import { encodeResponse, parseResponse } from "../iso7816/response-apdu.ts";
import { SW_SUCCESS } from "../iso7816/status-word.ts";

/** Bit 5 of the class: this is not the last command of the chain (ISO 7816-4 §5.1.1.1). */
const CLA_CHAINING = 0x10;
const SW_WRONG_LENGTH = 0x6700;

/**
 * What the lower layer can carry: `always` splits at once, `fallback` tries extended lengths first.
 */
export type ChainingMode = "always" | "fallback";

/**
 * Carries long commands over cards or readers that take short ones only, by command chaining.
 *
 * In mode `fallback` a command with extended lengths is sent as it is; when the very first one is
 * answered 6700 the card has not carried it out (a wrong length is judged before everything else),
 * so it is sent again in links, and so are all later ones. Any other answer or failure is passed
 * on, because the command might have taken effect.
 */
export function withChaining(channel: CardChannel, mode: ChainingMode = "fallback"): CardChannel {
  let extendedWorks: boolean | null = mode === "always" ? false : null;
  return async (bytes) => {
    const command = parseCommand(bytes);
    if (command.extended !== true) return channel(bytes);
    if (extendedWorks !== false) {
      const response = parseResponse(await channel(bytes));
      if (extendedWorks === true || response.sw !== SW_WRONG_LENGTH) {
        extendedWorks = true;
        return encodeResponse(response);
      }
      extendedWorks = false;
    }
    return sendInLinks(channel, command);
  };
}

async function sendInLinks(channel: CardChannel, command: CommandApdu): Promise<Uint8Array> {
  const data = command.data ?? new Uint8Array(0);
  const links = Math.max(1, Math.ceil(data.length / SHORT_COMMAND_DATA_MAX));
  if (links > CHAIN_LINKS_MAX) throw new ApduError("TOO_LONG", "The command is too long to be chained.", { links });
  const header = { ins: command.ins, p1: command.p1, p2: command.p2 };
  for (let link = 0; link < links - 1; link++) {
    const part = data.subarray(link * SHORT_COMMAND_DATA_MAX, (link + 1) * SHORT_COMMAND_DATA_MAX);
    const answer = await channel(encodeCommand({ ...header, cla: command.cla | CLA_CHAINING, data: part }));
    if (parseResponse(answer).sw !== SW_SUCCESS) return answer;
  }
  const last = data.subarray((links - 1) * SHORT_COMMAND_DATA_MAX);
  // A short Le of 00 asks for all there is, at most 256 bytes; GET RESPONSE fetches the rest.
  const le = command.le === undefined ? {} : { le: Math.min(command.le, 256) };
  return channel(encodeCommand({ ...header, cla: command.cla, data: last, ...le }));
}
