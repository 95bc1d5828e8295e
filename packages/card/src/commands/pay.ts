import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { decodePayAnswer, PAY_REQUEST_LENGTH, type PayAnswer } from "@tallystick/protocol";
import { exactLength } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/**
 * PAY (spec §4.5). `request` is the 67 bytes as the journal holds them: a repetition must be equal
 * to the byte.
 */
export function payCommand(request: Uint8Array): CommandApdu {
  exactLength(request, PAY_REQUEST_LENGTH, "PAY request");
  return { cla: CLA_TALLYSTICK, ins: INS.pay, p1: 0, p2: 0, data: request, le: 256 };
}

/**
 * PAY in its short form (spec §4.5), P2 01, with the same 67 bytes. Cards without it answer 6A86 before
 * they look at them.
 */
export function payShortCommand(request: Uint8Array): CommandApdu {
  return { ...payCommand(request), p2: 0x01 };
}

/** Pays, or reads the voucher of a request that the card has carried out before. */
export async function pay(channel: CardChannel, request: Uint8Array): Promise<CommandResult<PayAnswer>> {
  return await runCommand(channel, payCommand(request), decodePayAnswer);
}
