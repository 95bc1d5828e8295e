import { Command, CommanderError } from "commander";
import { EXIT, exitCodesHelp, failureOf, ProgramError, type ExitCode } from "@tallystick/program";
import type { CardsFlags } from "./cards/cards-commands.ts";
import { addCardsCommands } from "./cards/add-cards-commands.ts";
import { addCeremonyCommands } from "./ceremony-commands.ts";
import { addProgrammeCommands } from "./programme/add-programme-commands.ts";
import type { DoctorFlags } from "./doctor-command.ts";
import type { InitKeysFlags } from "./init-keys-command.ts";
import type { LoadFileFlags } from "./load-file-command.ts";
import type { PersonalizeFlags } from "./personalize-command.ts";
import { addOrderCommands, visitsOption } from "./orders/add-order-commands.ts";
import { reportFailure, type ProgramIo } from "./program-io.ts";
import type { ReadersFlags } from "./readers-command.ts";
import type { StateFlags, WantedState } from "./state-command.ts";
import type { StatusFlags } from "./status-command.ts";

// A command is loaded when it is called.
const loadPersonalize = () => import("./personalize-command.ts");
const loadStatus = () => import("./status-command.ts");
const loadState = () => import("./state-command.ts");
const loadFloat = () => import("./float-command.ts");
const loadInitKeys = () => import("./init-keys-command.ts");
const loadDoctor = () => import("./doctor-command.ts");
const loadReaders = () => import("./readers-command.ts");
const loadHashing = () => import("./load-file-command.ts");

const helpEnd = `
${exitCodesHelp}
Every failure has a code, a sentence and what to do next; --json writes one JSON object a line.`;

/** Parses the arguments (without node and the program) and runs the command. Answers the exit code. */
export async function runProgram(args: readonly string[], io: ProgramIo): Promise<ExitCode> {
  const outcome: { code: ExitCode } = { code: EXIT.done };
  const program = createProgram(io, (code) => {
    outcome.code = code;
  });
  // Without arguments the help is shown, and a script that forgot its arguments still fails.
  const nothing = args.length === 0;
  try {
    await program.parseAsync(nothing ? ["--help"] : [...args], { from: "user" });
    return outcome.code;
  } catch (error) {
    if (nothing) return EXIT.usage;
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    return reportFailure(usageError(error), args.includes("--json"), io);
  }
}

function createProgram(io: ProgramIo, finish: (code: ExitCode) => void): Command {
  const program = new Command("tallystick-issuer")
    .description("Turns blank cards into Tallystick cards and can go on after any interruption.")
    .addHelpText("after", helpEnd)
    .exitOverride()
    // Faults of the command line are reported like all others, not by commander.
    .configureOutput({ writeOut: (text) => io.writeLine(text.trimEnd()), writeErr: () => undefined });
  const command = (name: string, description: string): Command =>
    program.command(name).description(description).option("--json", "one JSON object a line", false);
  command("personalize", "make the card on the reader ready, or go on with it")
    .requiredOption("--config <file>", "configuration, JSON")
    .requiredOption("--reference <text>", "your own name for this card")
    .option("--reader <name>", "reader, as `readers` lists it")
    .option("--owner <address>", "who may withdraw what is on the card")
    .option("--fund <amount>", 'first deposit, such as "20.00"')
    .option("--per-tap <amount>", "most that one payment may be")
    .option("--pin-above <amount>", "a payment above it needs the PIN")
    .option("--pinless-sum <amount>", "sum of payments without PIN")
    .option("--pinless-count <number>", "number of payments without PIN")
    .option("--operator <name>", "who works at this station")
    .option("--take-over", "take the reference over from the station that claimed it", false)
    .option("--allow-default-keys", "take a card with the keys that everybody knows", false)
    .option("--retry-keys", "try keys once more that the card refused before", false)
    .addOption(visitsOption("two"))
    .action(async (flags: PersonalizeFlags) => finish(await (await loadPersonalize()).runPersonalize(flags, io)));
  addOrderCommands(command, io, finish);
  command("status", "show what the journal, the card and the settlement say of a card")
    .requiredOption("--config <file>", "configuration, JSON")
    .option("--reference <text>", "look in the journal for this card instead of on the reader")
    .option("--reader <name>", "reader, as `readers` lists it")
    .action(async (flags: StatusFlags) => finish(await (await loadStatus()).runStatus(flags, io)));
  const stateCommand = (name: string, description: string, wanted: WantedState): Command =>
    command(name, description)
      .requiredOption("--config <file>", "configuration, JSON")
      .requiredOption("--reference <text>", "the card's name in the journal")
      .option("--reader <name>", "reader, as `readers` lists it")
      .action(async (flags: StateFlags) => finish(await (await loadState()).runState(wanted, flags, io)));
  stateCommand("suspend", "make the card on the reader pay nobody", "suspended");
  stateCommand("release", "let a suspended card pay again", "personalized");
  addCardsCommands(program, io, finish);
  addCeremonyCommands(program, io, finish);
  addProgrammeCommands(program, io, finish);
  command("float", "what is on cards: by age and end, and what is on its way")
    .requiredOption("--config <file>", "configuration, JSON")
    .action(async (flags: CardsFlags) => finish(await (await loadFloat()).runFloat(flags, io)));
  command("init-keys", "draw the development keys that the configuration names and that are not there")
    .requiredOption("--config <file>", "configuration, JSON")
    .action(async (flags: InitKeysFlags) => finish(await (await loadInitKeys()).runInitKeys(flags, io)));
  command("doctor", "look at everything that stands between this station and a card, and change nothing")
    .requiredOption("--config <file>", "configuration, JSON")
    .option("--reader <name>", "reader, as `readers` lists it")
    .option("--registry", "open the card on the reader by its keys, and see what is installed on it", false)
    .action(async (flags: DoctorFlags) => finish(await (await loadDoctor()).runDoctor(flags, io)));
  command("readers", "list the readers and what lies on them")
    .option("--config <file>", "configuration, for its pcscSocket or vpcd")
    .action(async (flags: ReadersFlags) => finish(await (await loadReaders()).runReaders(flags, io)));
  command("load-file", "print the hash of what of a CAP file goes onto a card")
    .argument("<cap>", "the CAP file")
    .action(async (cap: string, flags: LoadFileFlags) => finish((await loadHashing()).runLoadFile(cap, flags, io)));
  return program;
}

/** What commander refuses, as an error that says what to do; every other error stays as it is. */
function usageError(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const { code, message, exit, next } = failureOf(error);
  return new ProgramError(code, message, { exit, next });
}
