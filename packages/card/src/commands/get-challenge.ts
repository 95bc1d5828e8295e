import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { exactLength } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

const CHALLENGE_BYTES = 16;

/** GET CHALLENGE (spec §4.13): random bytes that a terminal signs to read its payee's payments. */
export const getChallengeCommand: CommandApdu = Object.freeze({
  cla: CLA_TALLYSTICK,
  ins: INS.getChallenge,
  p1: 0,
  p2: 0,
  le: CHALLENGE_BYTES,
});

/** Asks for a challenge; it takes the place of the one before, and its first use uses it up. */
export async function getChallenge(channel: CardChannel): Promise<CommandResult<Uint8Array>> {
  return await runCommand(channel, getChallengeCommand, (data) => exactLength(data, CHALLENGE_BYTES, "challenge"));
}
