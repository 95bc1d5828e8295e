import { type Command, Option } from "commander";
import type { ExitCode } from "@tallystick/program";
import { VISITS, type Visits } from "../../config/config-schema.ts";
import type { LettersFlags } from "./letters-command.ts";
import type { ReportFlags, VerifyReportFlags } from "./report-command.ts";
import type { ProgramIo } from "../program-io.ts";
import type { AdoptFlags } from "./adopt-command.ts";
import type { AbandonFlags } from "./abandon-command.ts";
import type { IssueFlags } from "./issue-command.ts";

// A command is loaded when it is called.
const loadIssuing = () => import("./issue-command.ts");
const loadReports = () => import("./report-command.ts");
const loadAdopt = () => import("./adopt-command.ts");
const loadAbandon = () => import("./abandon-command.ts");
const loadLetters = () => import("./letters-command.ts");

/** Adds the commands of orders and of single references of theirs. */
export function addOrderCommands(
  command: (name: string, description: string) => Command,
  io: ProgramIo,
  finish: (code: ExitCode) => void,
): void {
  command("issue", "make every card of an order, CSV or JSON, and go on with it after any interruption")
    .argument("<order>", "the order's file")
    .requiredOption("--config <file>", "configuration, JSON")
    .option("--reader <name>", "reader; name several to use them at once", gather, [])
    .option("--operator <name>", "who works at this station")
    .option("--shared", "other stations make cards of this order too", false)
    .option("--take-over", "take references over from stations that claimed them", false)
    .option("--dry-run", "check the whole order and show what would be written", false)
    .option("--allow-default-keys", "take cards with the keys that everybody knows", false)
    .option("--retry-keys", "try keys once more that a card refused before", false)
    .addOption(visitsOption("one"))
    .action(async (order: string, flags: IssueFlags) => finish(await (await loadIssuing()).runIssue(order, flags, io)));
  const report = command("report", "write what became of an order into a new file, signed by this station")
    .argument("<order>", "the order's file")
    .option("--config <file>", "configuration, JSON")
    .option("--out <file>", "the report's file, which must not be there")
    .action(async (order: string, flags: ReportFlags) =>
      finish(await (await loadReports()).runReport(order, flags, io)),
    );
  report
    .command("verify")
    .description("verify the signature, the lines and the sums of a report")
    .argument("<report>", "the report's file")
    .option("--config <file>", "configuration, whose issuerKeys are believed")
    .option("--issuer-key <id:key>", "a key of the issuer, where there is no configuration", gather, [])
    .option("--rpc-url <url>", "look each deposit up at this node of the chain too")
    .option("--private-node", "the node is on a line of your own, where plain http is allowed too", false)
    .action(async (file: string, _own: unknown, verify: Command) =>
      finish(await (await loadReports()).runVerifyReport(file, verify.optsWithGlobals<VerifyReportFlags>(), io)),
    );
  addLetterCommands(command, io, finish);
  command("adopt", "take a card of a lost journal into this one, from the card and the register; writes nothing to it")
    .requiredOption("--config <file>", "configuration, JSON")
    .option("--reference <text>", "the card's reference, where the register does not have it")
    .option("--reader <name>", "reader, as `readers` lists it")
    .option("--fund <amount>", 'its first deposit, such as "20.00"')
    .option("--operator <name>", "who works at this station")
    .option("--retry-keys", "try keys once more that a card refused before", false)
    .action(async (flags: AdoptFlags) => finish(await (await loadAdopt()).runAdopt(flags, io)));
  command("abandon", "give a reference up before its card has money, and the card to another one")
    .requiredOption("--config <file>", "configuration, JSON")
    .requiredOption("--reference <text>", "the reference that is given up")
    .requiredOption("--reason <text>", "why, for the audit log")
    .option("--to <reference>", "give its card to this reference; else to the next that it is put on the reader for")
    .option("--operator <name>", "who works at this station")
    .action(async (flags: AbandonFlags) => finish(await (await loadAbandon()).runAbandon(flags, io)));
}

/** What is printed of an order: labels of cards, and letters with PINs. */
function addLetterCommands(
  command: (name: string, description: string) => Command,
  io: ProgramIo,
  finish: (code: ExitCode) => void,
): void {
  const printed = (of: Command): Command =>
    of
      .requiredOption("--config <file>", "configuration, JSON")
      .requiredOption("--out <folder>", "the folder for the printer's files");
  printed(command("labels", "write a QR code for each card of an order, and the list of them"))
    .argument("<order>", "the order's file")
    .action(async (order: string, flags: LettersFlags) => finish((await loadLetters()).runLabels(order, flags, io)));
  const letters = command("letters", "write PINs and PUKs for printers, and remove what was printed");
  const letterCommand = (name: string, description: string): Command =>
    printed(letters.command(name).description(description));
  letterCommand("export", "write the PINs of an order's cards into one file, and their PUKs into another")
    .argument("<order>", "the order's file")
    .action(async (order: string, _own: unknown, of: Command) =>
      finish((await loadLetters()).runLettersExport(order, of.optsWithGlobals(), io)),
    );
  letterCommand("confirm", "they are printed: remove the files, and the letters of the PIN folder").action(
    async (_own: unknown, of: Command) => finish((await loadLetters()).runLettersConfirm(of.optsWithGlobals(), io)),
  );
}

/** The option that says how often a card comes to the station. */
export function visitsOption(usual: Visits): Option {
  return new Option(
    "--visits <count>",
    `one: the card's allowance travels to it; two: it comes once more and can pay at once (usually ${usual})`,
  ).choices([...VISITS]);
}

/** The values of an option that may be given more than once. */
function gather(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
