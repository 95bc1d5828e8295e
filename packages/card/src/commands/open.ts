import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/** OPEN (spec §4.2): inside SCP03, before the first allowance. */
export const openCommand: CommandApdu = Object.freeze({ cla: CLA_TALLYSTICK, ins: INS.open, p1: 0, p2: 0, le: 256 });

/** The card signs `TLYO` for the owner it was given; returns the DER signature. */
export async function open(channel: CardChannel): Promise<CommandResult<Uint8Array>> {
  return await runCommand(channel, openCommand, (data) => data);
}
