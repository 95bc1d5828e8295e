import { randomBytes } from "node:crypto";
import { Command, CommanderError } from "commander";
import {
  assertKnownCommand,
  checkLine,
  type CheckResult,
  ConfigError,
  createProgramLines,
  exitCodesHelp,
  faultAt,
  KeyFileError,
  type ProgramLines,
  runChecks,
  type WriteLine,
} from "@tallystick/program";
import { MoneyError } from "@tallystick/money";
import { toHex, uncompressKey } from "@tallystick/protocol";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { loadConfig } from "../config/load-config.ts";
import { makeTerminalKey, readTerminalKey, TERMINAL_KEY_SCHEMA } from "../keys/terminal-key.ts";
import { chainAccess, chainCommand, type ChainOptions } from "./chain-options.ts";
import { addLossCommands } from "./loss/loss-commands.ts";
import { addBoxCommands } from "./box/box-command-line.ts";
import type { PinInput } from "./box/read-pin.ts";
import { type CommandLine, commandLine } from "./command-lines.ts";
import { failureRules } from "./failures.ts";
import { CHECK_LIMIT_MS } from "./limits.ts";
import { addEnrollCommand } from "./enroll-command.ts";
import { addReportCommand } from "./report-command.ts";

/** Where a command writes. */
interface Output {
  readonly lines: ProgramLines;
  /** Told each line of `check-config`. */
  readonly checked: (result: CheckResult) => void;
  /** How the program exits where nothing was thrown. */
  readonly exitWith: (code: number) => void;
  readonly report: (line: CommandLine) => void;
  /** What a PIN is read from. */
  readonly input: PinInput;
}

interface ServeOptions {
  readonly config?: string;
  readonly initKeys?: boolean;
  readonly acceptRestoredJournal?: boolean;
}

/** What is claimed: the journal's own vouchers, or the bundles of a file. */
interface ClaimOptions extends ChainOptions {
  readonly bundles?: string;
}

/** Which payment is given back, how much of it, and with whose key. */
interface RefundOptions extends ChainOptions {
  readonly voucher: string;
  readonly amount?: string;
  readonly refundId: string;
}

interface DelegateOptions {
  readonly config: string;
  readonly perDay: string;
  readonly reserve?: string;
}

/** Runs what the arguments say; answers the exit code, 0 also while the terminal serves. */
export async function runCommandLine(
  args: readonly string[],
  {
    writeLine,
    writeError,
    input = process.stdin,
  }: { readonly writeLine: WriteLine; readonly writeError: WriteLine; readonly input?: PinInput },
): Promise<number> {
  const json = args.includes("--json");
  const lines = createProgramLines({ app: "gateway", json, writeLine, writeError, rules: failureRules });
  const report = (line: CommandLine): void => {
    writeLine(commandLine(line, json));
  };
  const checked = (result: CheckResult): void => {
    writeLine(checkLine("gateway", result, json));
  };
  let code = 0;
  const exitWith = (given: number): void => {
    code = given;
  };
  try {
    const program = commands({ lines, checked, exitWith, report, input });
    assertKnownCommand(args, ["help", ...program.commands.map((command) => command.name())]);
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return lines.failed(error);
  }
}

function commands(output: Output): Command {
  const program = new Command("tallystick-gateway")
    .description("The merchant's gateway: takes card payments without a network, and sends them when there is one.")
    .enablePositionalOptions()
    .option("--config <file>", "the configuration, one JSON file")
    .option("--init-keys", "make the terminal's key, print its public half, and end")
    .option("--accept-restored-journal", "continue with an older copy of the journal that was put back knowingly")
    .option("--json", "print JSON lines for programs instead of sentences")
    .addHelpText("after", `\n${exitCodesHelp}`)
    .exitOverride()
    // The failed line says what is wrong.
    .configureOutput({ outputError: () => undefined })
    .action(async (options: ServeOptions) => {
      await serveTerminal(options, output);
    });
  chainCommand(program, "claim")
    .description(
      "Bring the merchant's vouchers to the vault and pay out, with nothing but a node of the chain and a key that pays the gas.",
    )
    .option("--bundles <file>", "claim what another terminal has exported into this file, instead of the journal's own")
    .action(async (options: ClaimOptions) => {
      await claim(options, output);
    });
  program
    .command("export")
    .description(
      "Write the payments that no final block shows at their end into a file, which any other machine can claim.",
    )
    .argument("<file>", "the file to write; it must not be there yet")
    .requiredOption("--config <file>", "the configuration of the gateway, which must be stopped")
    .option("--json", "print JSON lines for programs instead of sentences")
    .action(async (file: string, options: Pick<ChainOptions, "config">) => {
      await exportBundles(file, options, output);
    });
  refundCommand(program, "refund", output)
    .description(
      "Give a paid payment back to its card, whole or in part. The same command again continues it and never gives back twice.",
    )
    .option("--amount <amount>", "what to give back, such as 1.00; all that is left when left out");
  refundCommand(program, "release", output).description(
    "Release a payment that the chain has not paid, so that its value goes back to its card.",
  );
  addLossCommands(program, output.report);
  program
    .command("check-config")
    .description("Look at everything that the configuration names, print a line for each, and change nothing.")
    .requiredOption("--config <file>", "the configuration of the gateway")
    .option("--json", "print JSON lines for programs instead of sentences")
    .action(async (options: Pick<ChainOptions, "config">) => {
      await checkConfig(options, output);
    });
  program
    .command("delegate")
    .description(
      "Print the calls by which the payee lets this terminal give payments back; its owner sends them with a wallet.",
    )
    .requiredOption("--config <file>", "the configuration of the gateway")
    .requiredOption("--per-day <amount>", "what the terminal may give back in a day, such as 200.00; 0 ends it")
    .option("--reserve <amount>", "what stays in the vault for refunds when others call for a payout")
    .option("--json", "print JSON lines for programs instead of sentences")
    .action(async (options: DelegateOptions) => {
      await printDelegate(options, output);
    });
  addBoxCommands(program, output);
  addReportCommand(program, output.report);
  addEnrollCommand(program, output.report);
  return program;
}

function refundCommand(program: Command, kind: "refund" | "release", output: Output): Command {
  return chainCommand(program, kind)
    .requiredOption("--voucher <id>", "the voucher's id, 0x and 64 digits")
    .option("--refund-id <id>", "names the refund, where a payment gets more than one", "command")
    .action(async (options: RefundOptions) => {
      await returnValue(kind, options, output);
    });
}

async function serveTerminal(options: ServeOptions, { lines, report }: Output): Promise<void> {
  if (options.config === undefined)
    throw new ConfigError(
      [faultAt("--config", "is missing; give the configuration: --config FILE")],
      "The command line",
    );
  const config = loadConfig(options.config);
  if (options.initKeys === true) {
    initKeys(config, report);
    return;
  }
  const { serve } = await import("./serve.ts");
  await serve(config, { lines, acceptRestoredJournal: options.acceptRestoredJournal === true });
}

async function checkConfig({ config: file }: Pick<ChainOptions, "config">, output: Output): Promise<void> {
  const config = loadConfig(file);
  const { terminalChecks } = await import("./check-config.ts");
  const { checked: report, exitWith } = output;
  exitWith(await runChecks(terminalChecks(config), { limitMs: CHECK_LIMIT_MS, rules: failureRules, report }));
}

/** Makes the terminal's key, or shows the public half of the one that is there. */
function initKeys({ terminalKeyFile: file }: GatewayConfig, report: Output["report"]): void {
  let publicKey: Uint8Array;
  let made = true;
  try {
    publicKey = makeTerminalKey(file, (length) => Uint8Array.from(randomBytes(length)));
  } catch (error) {
    if (!(error instanceof KeyFileError) || error.code !== "KEY_FILE_EXISTS") throw error;
    made = false;
    ({ publicKey } = readTerminalKey(file));
  }
  // As the issuer certifies it (spec §3.4).
  report({ schema: TERMINAL_KEY_SCHEMA, publicKey: toHex(uncompressKey(publicKey)), made, file });
}

async function claim(options: ClaimOptions, { report }: Output): Promise<void> {
  const config = loadConfig(options.config);
  if (options.bundles !== undefined) {
    const { runBundleClaim } = await import("../claim/run-bundle-claim.ts");
    await runBundleClaim(config, { ...chainAccess(config, options), file: options.bundles }, report);
    return;
  }
  const { runClaim } = await import("../claim/run-claim.ts");
  await runClaim(config, { ...chainAccess(config, options), terminalKey: terminalKeyOf(config) }, report);
}

async function exportBundles(file: string, options: Pick<ChainOptions, "config">, { report }: Output): Promise<void> {
  const config = loadConfig(options.config);
  const terminalKey = terminalKeyOf(config);
  const { runExport } = await import("../claim/run-export.ts");
  runExport(config, { terminalKey, file }, report);
}

async function returnValue(kind: "refund" | "release", options: RefundOptions, { report }: Output): Promise<void> {
  const config = loadConfig(options.config);
  const { runRefund } = await import("../refunds/run-refund.ts");
  const { voucher, amount = null, refundId } = options;
  const access = { ...chainAccess(config, options), terminalKey: terminalKeyOf(config) };
  await runRefund(config, { ...access, kind, voucher, amount, refundId }, report);
}

async function printDelegate(options: DelegateOptions, { report }: Output): Promise<void> {
  const { perDay, reserve } = options;
  const config = loadConfig(options.config);
  const terminalKey = terminalKeyOf(config);
  const { appointDelegate } = await import("../refunds/delegate/appoint-delegate.ts");
  try {
    appointDelegate(config, { terminalKey, perDay, reserve: reserve ?? null }, report);
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    throw new ConfigError([faultAt("--per-day, --reserve", error.message)], "The command line");
  }
}

function terminalKeyOf({ terminalKeyFile }: GatewayConfig): Uint8Array {
  return readTerminalKey(terminalKeyFile).publicKey;
}
