import { ApduError } from "./apdu-error.ts";
import { encodeCommand, type CommandApdu } from "./command-apdu.ts";
import type { CardChannel } from "./card-channel.ts";
import { parseResponse, type ResponseApdu } from "./response-apdu.ts";
import { describeStatusWord, formatStatusWord, SW_SUCCESS, triesLeftOf } from "./status-word.ts";

/**
 * Sends one command and splits the answer; every status word is a result, a torn answer is an
 * error.
 */
export async function exchange(channel: CardChannel, command: CommandApdu): Promise<ResponseApdu> {
  return parseResponse(await channel(encodeCommand(command)));
}

/**
 * Sends one command and returns its data; any status word but 9000 throws STATUS with `sw` in its
 * context.
 */
export async function exchangeOk(channel: CardChannel, name: string, command: CommandApdu): Promise<Uint8Array> {
  const { data, sw } = await exchange(channel, command);
  if (sw !== SW_SUCCESS) throw statusError(name, sw);
  return data;
}

/** The error for a status word that the caller did not expect. */
export function statusError(command: string, sw: number): ApduError {
  return new ApduError("STATUS", `${command} was answered ${formatStatusWord(sw)}: ${describeStatusWord(sw)}`, {
    command,
    sw,
    triesLeft: triesLeftOf(sw),
  });
}
