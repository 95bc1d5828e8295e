import { type CardChannel, type CommandApdu, storeDataGroupCommand, triesLeftOf } from "@tallystick/apdu";
import {
  checkPuk,
  closePinKeys,
  encodePinBlock,
  type OpenPinSession,
  payRequestHash,
  type PayRequest,
  sealChangePin,
  sealUnblock,
  sealVerifyPin,
} from "@tallystick/protocol";
import { type CardRefusal, type CommandResult, runCommand } from "./command-result.ts";
import { CLA_TALLYSTICK, INS } from "./instruction.ts";
import { dataGroups } from "./store-data.ts";
import { noData } from "./update-allowance.ts";

// PINs are bytes with one digit 0–9 each, never text, so that their owner can overwrite them.

/** VERIFY PIN (spec §4.9): the PIN for exactly this payment. */
export function verifyPinCommand(session: OpenPinSession, pin: Uint8Array, request: PayRequest): CommandApdu {
  return pinCommand(INS.verifyPin, sealVerifyPin(session, pin, payRequestHash(request)));
}

/** CHANGE PIN (spec §4.9). */
export function changePinCommand(session: OpenPinSession, oldPin: Uint8Array, newPin: Uint8Array): CommandApdu {
  return pinCommand(INS.changePin, sealChangePin(session, oldPin, newPin));
}

/** UNBLOCK (spec §4.9): the PUK sets a new PIN. */
export function unblockCommand(session: OpenPinSession, puk: Uint8Array, newPin: Uint8Array): CommandApdu {
  return pinCommand(INS.unblock, sealUnblock(session, puk, newPin));
}

/** Verifies the PIN for one PAY request. The session is used up, whatever comes of it. */
export async function verifyPin(
  channel: CardChannel,
  session: OpenPinSession,
  use: { readonly pin: Uint8Array; readonly request: PayRequest },
): Promise<CommandResult<null>> {
  return await sendOnce(channel, session, verifyPinCommand(session, use.pin, use.request), "VERIFY PIN");
}

/** Sets a new PIN by the old one. The session is used up. */
export async function changePin(
  channel: CardChannel,
  session: OpenPinSession,
  pins: { readonly oldPin: Uint8Array; readonly newPin: Uint8Array },
): Promise<CommandResult<null>> {
  return await sendOnce(channel, session, changePinCommand(session, pins.oldPin, pins.newPin), "CHANGE PIN");
}

/** Sets a new PIN by the PUK. The session is used up. */
export async function unblock(
  channel: CardChannel,
  session: OpenPinSession,
  secrets: { readonly puk: Uint8Array; readonly newPin: Uint8Array },
): Promise<CommandResult<null>> {
  return await sendOnce(channel, session, unblockCommand(session, secrets.puk, secrets.newPin), "UNBLOCK");
}

/** STORE DATA 7F06 (spec §4.7): both secrets under the secure channel's DEK, inside that channel. */
export function storePinCommand(
  encryptSensitive: (data: Uint8Array) => Uint8Array,
  secrets: { readonly pin: Uint8Array; readonly puk: Uint8Array },
): CommandApdu {
  const blocks = Uint8Array.of(...encodePinBlock(secrets.pin), ...encodePinBlock(checkPuk(secrets.puk)));
  const encrypted = encryptSensitive(blocks);
  blocks.fill(0);
  return storeDataGroupCommand(dataGroups.pin, encrypted);
}

/** Tries that a refusal says are left; null where it says nothing of tries. */
export function triesLeft(refusal: CardRefusal): number | null {
  return refusal.reason === "CARD_PIN_BLOCKED" ? 0 : triesLeftOf(refusal.sw);
}

function pinCommand(ins: number, data: Uint8Array): CommandApdu {
  return { cla: CLA_TALLYSTICK, ins, p1: 0, p2: 0, data };
}

async function sendOnce(
  channel: CardChannel,
  session: OpenPinSession,
  command: CommandApdu,
  name: string,
): Promise<CommandResult<null>> {
  closePinKeys(session.keys);
  return await runCommand(channel, command, (data) => noData(data, name));
}
