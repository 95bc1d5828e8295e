import { type CardChannel, type CommandApdu, triesLeftOf } from "@tallystick/apdu";
import { closePinKeys, type OpenPinSession } from "@tallystick/protocol";
import { noData } from "../../exchange/card-error.ts";
import { type CardRefusal, type CommandResult, runCommand } from "../../exchange/command-result.ts";
import { CLA_TALLYSTICK } from "../../exchange/instruction.ts";

// PINs are bytes with one digit 0–9 each, never text, so that their owner can overwrite them.

/** A command of a PIN session: sealed data and no parameters (spec §4.9). */
export function pinCommand(ins: number, data: Uint8Array): CommandApdu {
  return { cla: CLA_TALLYSTICK, ins, p1: 0, p2: 0, data };
}

/** Sends the one command of a PIN session, and overwrites the session's keys before. */
export async function sendPinCommand(
  channel: CardChannel,
  session: OpenPinSession,
  command: CommandApdu,
  name: string,
): Promise<CommandResult<null>> {
  closePinKeys(session.keys);
  return await runCommand(channel, command, (data) => noData(data, name));
}

/** Tries that a refusal says are left; null where it says nothing of tries. */
export function triesLeft(refusal: CardRefusal): number | null {
  return refusal.reason === "CARD_PIN_BLOCKED" ? 0 : triesLeftOf(refusal.sw);
}
