import { type Command, Option } from "commander";
import type { ExitCode } from "@tallystick/program";
import { VISITS, type Visits } from "../../config/config-schema.ts";
import { runReport, runVerifyReport, type ReportFlags, type VerifyReportFlags } from "./report-command.ts";
import type { ProgramIo } from "../program-io.ts";
import { runAdopt, type AdoptFlags } from "./adopt-command.ts";
import { runAbandon, type AbandonFlags } from "./abandon-command.ts";
import { runIssue, type IssueFlags } from "./issue-command.ts";

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
    .action(async (order: string, flags: IssueFlags) => finish(await runIssue(order, flags, io)));
  const report = command("report", "write what became of an order into a new file, signed by this station")
    .argument("<order>", "the order's file")
    .option("--config <file>", "configuration, JSON")
    .option("--out <file>", "the report's file, which must not be there")
    .action(async (order: string, flags: ReportFlags) => finish(await runReport(order, flags, io)));
  report
    .command("verify")
    .description("verify the signature, the lines and the sums of a report")
    .argument("<report>", "the report's file")
    .option("--config <file>", "configuration, whose issuerKeys are believed")
    .option("--issuer-key <id:key>", "a key of the issuer, where there is no configuration", gather, [])
    .option("--json", "one JSON object a line", false)
    .action((file: string, _flags: unknown, verify: Command) =>
      finish(runVerifyReport(file, verify.optsWithGlobals<VerifyReportFlags>(), io)),
    );
  command("adopt", "take a card of a lost journal into this one, from the card and the register; writes nothing to it")
    .requiredOption("--config <file>", "configuration, JSON")
    .option("--reference <text>", "the card's reference, where the register does not have it")
    .option("--reader <name>", "reader, as `readers` lists it")
    .option("--fund <amount>", 'its first deposit, such as "20.00"')
    .option("--operator <name>", "who works at this station")
    .option("--retry-keys", "try keys once more that a card refused before", false)
    .action(async (flags: AdoptFlags) => finish(await runAdopt(flags, io)));
  command("abandon", "give a reference up before its card has money, and the card to another one")
    .requiredOption("--config <file>", "configuration, JSON")
    .requiredOption("--reference <text>", "the reference that is given up")
    .requiredOption("--reason <text>", "why, for the audit log")
    .option("--to <reference>", "give its card to this reference; else to the next that it is put on the reader for")
    .option("--operator <name>", "who works at this station")
    .action(async (flags: AbandonFlags) => finish(await runAbandon(flags, io)));
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
