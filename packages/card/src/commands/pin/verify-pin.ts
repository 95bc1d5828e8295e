import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { type OpenPinSession, payRequestHash, type PayRequest, sealVerifyPin } from "@tallystick/protocol";
import type { CommandResult } from "../../exchange/command-result.ts";
import { INS } from "../../exchange/instruction.ts";
import { pinCommand, sendPinCommand } from "./pin-command.ts";

/** VERIFY PIN (spec §4.9): the PIN for exactly this payment. */
export function verifyPinCommand(session: OpenPinSession, pin: Uint8Array, request: PayRequest): CommandApdu {
  return pinCommand(INS.verifyPin, sealVerifyPin(session, pin, payRequestHash(request)));
}

/** Verifies the PIN for one PAY request. The session is used up, whatever comes of it. */
export async function verifyPin(
  channel: CardChannel,
  session: OpenPinSession,
  use: { readonly pin: Uint8Array; readonly request: PayRequest },
): Promise<CommandResult<null>> {
  return await sendPinCommand(channel, session, verifyPinCommand(session, use.pin, use.request), "VERIFY PIN");
}
