import type { Command } from "commander";
import type { ExitCode } from "@tallystick/program";
import type { ProgramIo } from "../program-io.ts";
import type { InitFlags } from "./init-command.ts";

// A command is loaded when it is called.
const loadInit = () => import("./init-command.ts");
const loadShow = () => import("./show-command.ts");

/** `programme …`: the making of a programme, and how it stands. */
export function addProgrammeCommands(program: Command, io: ProgramIo, finish: (code: ExitCode) => void): void {
  const programme = program.command("programme").description("make a card programme, and see how it stands");
  programme
    .command("init")
    .description("from nothing to a virtual card that has paid; run it again after any interruption")
    .option("--config <file>", "the answers, JSON; without it they are asked for")
    .option("--folder <path>", "where everything of the programme is put when no file is named", ".")
    .option("--json", "one JSON object a line", false)
    .action(async (flags: InitFlags) => finish(await (await loadInit()).runProgrammeInit(flags, io)));
  programme
    .command("show")
    .description("vault, token, keys by check value, limits and float of a programme that was made")
    .option("--config <file>", "the answers, JSON")
    .option("--folder <path>", "where the programme stands when no file is named", ".")
    .option("--json", "one JSON object", false)
    .action(async (flags: InitFlags) => finish(await (await loadShow()).runProgrammeShow(flags, io)));
}
