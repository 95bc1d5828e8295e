import { type Command, InvalidArgumentError } from "commander";
import { loadConfig } from "../config/load-config.ts";
import { readTerminalKey } from "../keys/terminal-key.ts";
import type { ReportCommandLine } from "../reports/run-report.ts";

interface ReportOptions {
  readonly config: string;
  readonly by?: string;
  readonly number?: number;
}

/** The end of a day, from the journal of a gateway that is stopped. */
export function addReportCommand(program: Command, show: (line: ReportCommandLine) => void): void {
  program
    .command("report")
    .description("Print what has come since the last Z report (x), or close the period (z).")
    .argument("<kind>", "x or z", reportKindOf)
    .requiredOption("--config <file>", "the configuration of the gateway, which must be stopped")
    .option("--by <name>", "who asks; stands in the report")
    .option("--number <number>", "what the Z is to have, as x says; the same again closes nothing", reportNumberOf)
    .option("--json", "print JSON lines for programs instead of sentences")
    .action(async (kind: "x" | "z", { config: file, by, number }: ReportOptions) => {
      const config = loadConfig(file);
      const { publicKey: terminalKey } = readTerminalKey(config.terminalKeyFile);
      const { runReport } = await import("../reports/run-report.ts");
      runReport(config, { terminalKey, kind, by: by ?? null, number: number ?? null }, show);
    });
}

function reportKindOf(text: string): "x" | "z" {
  if (text === "x" || text === "z") return text;
  throw new InvalidArgumentError("It must be x or z.");
}

function reportNumberOf(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 on.");
}
