import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { loadConfig } from "../../config/load-config.ts";
import { readTerminalKey } from "../../keys/terminal-key.ts";
import type { TakeOverLine } from "../../claim/takeover/run-take-over.ts";

interface TakeOverOptions {
  readonly config: string;
}

/** Adds `take-over`: what the payee's other terminals sold, as settlement has it. */
export function addTakeOverCommand(program: Command, report: (line: TakeOverLine) => void): void {
  program
    .command("take-over")
    .description(
      "Fetch what the payee's other terminals sold, and where each payment is, to show it beside this terminal's own.",
    )
    .requiredOption("--config <file>", "the configuration of a certified terminal of the payee, which must be stopped")
    .option("--json", "print JSON lines for programs instead of sentences")
    .action(async ({ config: path }: TakeOverOptions) => {
      const config = loadConfig(path);
      const signer = readTerminalKey(config.terminalKeyFile);
      const { createSettlementClient } = await import("../../sync/settlement-client.ts");
      const { runTakeOver } = await import("../../claim/takeover/run-take-over.ts");
      const takeOver = {
        ...{ signer, now: Math.floor(Date.now() / 1_000) },
        randomBytes: (length: number) => Uint8Array.from(randomBytes(length)),
        portOf: ({ settlementUrl }: { readonly settlementUrl: string | null }) =>
          settlementUrl === null ? null : createSettlementClient(settlementUrl),
      };
      await runTakeOver(config, takeOver, report);
    });
}

/** What it prints for people. */
export function takeOverSentence({ terminalId, count, amount, currency, state }: TakeOverLine): string {
  return `Terminal ${terminalId}: ${count} payments of ${amount} ${currency} are ${state} at settlement.`;
}
