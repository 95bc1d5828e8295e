import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { type OpenPinSession, sealUnblock } from "@tallystick/protocol";
import type { CommandResult } from "../../exchange/command-result.ts";
import { INS } from "../../exchange/instruction.ts";
import { pinCommand, sendPinCommand } from "./pin-command.ts";

/** UNBLOCK (spec §4.9): the PUK sets a new PIN. */
export function unblockCommand(session: OpenPinSession, puk: Uint8Array, newPin: Uint8Array): CommandApdu {
  return pinCommand(INS.unblock, sealUnblock(session, puk, newPin));
}

/** Sets a new PIN by the PUK. The session is used up. */
export async function unblock(
  channel: CardChannel,
  session: OpenPinSession,
  secrets: { readonly puk: Uint8Array; readonly newPin: Uint8Array },
): Promise<CommandResult<null>> {
  return await sendPinCommand(channel, session, unblockCommand(session, secrets.puk, secrets.newPin), "UNBLOCK");
}
