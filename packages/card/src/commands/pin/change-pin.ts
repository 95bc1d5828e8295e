import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { type OpenPinSession, sealChangePin } from "@tallystick/protocol";
import type { CommandResult } from "../../exchange/command-result.ts";
import { INS } from "../../exchange/instruction.ts";
import { pinCommand, sendPinCommand } from "./pin-command.ts";

/** CHANGE PIN (spec §4.9). */
export function changePinCommand(session: OpenPinSession, oldPin: Uint8Array, newPin: Uint8Array): CommandApdu {
  return pinCommand(INS.changePin, sealChangePin(session, oldPin, newPin));
}

/** Sets a new PIN by the old one. The session is used up. */
export async function changePin(
  channel: CardChannel,
  session: OpenPinSession,
  pins: { readonly oldPin: Uint8Array; readonly newPin: Uint8Array },
): Promise<CommandResult<null>> {
  return await sendPinCommand(channel, session, changePinCommand(session, pins.oldPin, pins.newPin), "CHANGE PIN");
}
