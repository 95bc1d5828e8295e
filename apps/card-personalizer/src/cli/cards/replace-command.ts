import { EXIT, type ExitCode } from "@tallystick/program";
import { describeReplacement } from "../../register/describe-replacement.ts";
import type { ProgramIo } from "../program-io.ts";
import { withRegister, type CardsFlags } from "./cards-commands.ts";
import { namedCard } from "./named-card.ts";

export interface ReplaceFlags extends CardsFlags {
  readonly by: string;
  readonly reason: string;
}

/**
 * `cards replace`: the card is lost for good, its withdrawal is asked for, and the other one gets what is certain at once
 * (spec §6.10). Answers the exit code.
 */
export function runReplace(name: string, flags: ReplaceFlags, io: ProgramIo): Promise<ExitCode> {
  return withRegister(flags, io, async (settlement, config) => {
    const given = { settlement, config, signal: io.signal };
    const card = await namedCard(name, given);
    const successor = await namedCard(flags.by, given);
    const answer = await settlement.replace(card, { successor, reason: flags.reason });
    const { code } = config.asset;
    const line = { schema: "tallystick.cards/1", event: "replaced", ...answer };
    io.writeLine(flags.json ? JSON.stringify(line) : describeReplacement(answer, code).join("\n"));
    return EXIT.done;
  });
}
