import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { exactLength } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/** GENERATE KEY (spec §4.2): once, inside SCP03. */
export const generateKeyCommand: CommandApdu = Object.freeze({
  cla: CLA_TALLYSTICK,
  ins: INS.generateKey,
  p1: 0,
  p2: 0,
  le: 256,
});

/**
 * Makes the card's key pair and returns the public key, uncompressed. 6985: it has one already, to
 * be read by GET DATA DF07. The key counts only when it was read under R-MAC.
 */
export async function generateKey(channel: CardChannel): Promise<CommandResult<Uint8Array>> {
  return await runCommand(channel, generateKeyCommand, (data) => exactLength(data, 65, "GENERATE KEY"));
}
