import type { CardChannel } from "../iso7816/card-channel.ts";
import { encodeCommand, parseCommand } from "../iso7816/command-apdu.ts";
import { encodeResponse, parseResponse } from "../iso7816/response-apdu.ts";

/**
 * Sends a command once more with the length that the card named by 6Cxx (ISO 7816-4 §5.1.3). Such a
 * card has not carried the command out. It happens once: when the card then names another length,
 * that status word is passed on.
 */
export function withLengthRetry(channel: CardChannel): CardChannel {
  return async (command) => {
    const response = parseResponse(await channel(command));
    if (response.sw >> 8 !== 0x6c) return encodeResponse(response);
    const le = (response.sw & 0xff) === 0 ? 256 : response.sw & 0xff;
    return channel(encodeCommand({ ...parseCommand(command), le }));
  };
}
