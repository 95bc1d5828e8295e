import { EXIT, type ExitCode } from "@tallystick/program";
import { describeFloat } from "../register/describe-float.ts";
import { withRegister, type CardsFlags } from "./cards/cards-commands.ts";
import type { ProgramIo } from "./program-io.ts";

/** `float`: what is on cards, by age and end, and what is on its way; exact to the ledger. Answers the exit code. */
export function runFloat(flags: CardsFlags, io: ProgramIo): Promise<ExitCode> {
  return withRegister(flags, io, async (settlement, { asset }) => {
    const float = await settlement.float();
    const line = { schema: "tallystick.float/1", ...float };
    io.writeLine(flags.json ? JSON.stringify(line) : describeFloat(float, asset.code).join("\n"));
    return EXIT.done;
  });
}
