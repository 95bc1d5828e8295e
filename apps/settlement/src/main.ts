import "reflect-metadata";
import { parseArgs } from "node:util";
import {
  createProgramLines,
  endGracefully,
  EXIT,
  exitCodesHelp,
  ProgramError,
  type FailureRule,
  type ProgramLines,
} from "@tallystick/program";
import { createLogger } from "@tallystick/program/service";
import { createApplication } from "./application.ts";
import { chainCommandsHelp, finalityCommand, rescanCommand, type CommandResult } from "./commands/chain-commands.ts";
import { loadConfig } from "./foundation/config/load-config.ts";
import { isDatabaseAway } from "./foundation/database/database-away.ts";
import { createPlatform } from "./platform.ts";
import { verifyCommand, verifyHelp } from "./verify/verify-command.ts";

const APP = "settlement";

const help = `Usage: tallystick-settlement --config FILE [--json]
       tallystick-settlement verify --bundle FILE --issuer-key HEX (verify --help)
       tallystick-settlement rescan --config FILE --from BLOCK (rescan --help)
       tallystick-settlement finality --config FILE [--accept] (finality --help)

Takes uploads in, keeps the books, batches vouchers, sends them to the vault, and issues what cards
and terminals carry. It runs until it is asked to end (SIGTERM, SIGINT).

  --config FILE  the configuration; docs/operating/settlement.md describes it
  --json         the ready and the failed line as one JSON object each
  --version      the version
  --help         this text

${exitCodesHelp}
`;

const databaseRule: FailureRule = (error) =>
  isDatabaseAway(error)
    ? {
        code: "DATABASE_UNAVAILABLE",
        message: `The database does not answer (${error.code}).`,
        exit: "store",
        next: "Start PostgreSQL, or correct databaseUrl.",
      }
    : null;

function linesOf(json: boolean): ProgramLines {
  return createProgramLines({
    ...{ app: APP, json, rules: [databaseRule] },
    writeLine: (line) => process.stdout.write(`${line}\n`),
    writeError: (line) => process.stderr.write(`${line}\n`),
  });
}

/** Standard output carries one line once the service listens; the log goes to standard error. */
async function serve(configFile: string, lines: ProgramLines): Promise<void> {
  const config = loadConfig(configFile);
  const logger = createLogger({ app: APP, level: config.log.level });
  const app = await createApplication(createPlatform(config), logger);
  await app.listen(config.listen.port, config.listen.host);
  endGracefully({ end: () => app.close(), report: (message) => logger.log(message) });
  lines.ready({ url: await app.getUrl(), pid: process.pid });
}

function verify(args: readonly string[]): void {
  if (args.includes("--help")) {
    process.stdout.write(`${verifyHelp}\n${exitCodesHelp}\n`);
    return;
  }
  const { line, accepted } = verifyCommand(args);
  process.stdout.write(`${line}\n`);
  process.exitCode = accepted ? EXIT.done : EXIT.failed;
}

async function chainCommand(
  run: (args: readonly string[]) => Promise<CommandResult>,
  args: readonly string[],
): Promise<void> {
  if (args.includes("--help")) {
    process.stdout.write(`${chainCommandsHelp}\n${exitCodesHelp}\n`);
    return;
  }
  const { line, exit } = await run(args);
  process.stdout.write(`${line}\n`);
  process.exitCode = exit;
}

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  if (command === "verify") {
    verify(rest);
    return;
  }
  if (command === "rescan") return await chainCommand(rescanCommand, rest);
  if (command === "finality") return await chainCommand(finalityCommand, rest);
  const { values } = parseArgs({
    args: [...args],
    options: { config: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return;
  }
  if (values.config === undefined) {
    throw new ProgramError("USAGE", "The configuration is missing.", {
      exit: "usage",
      next: "Name it with --config FILE.",
    });
  }
  await serve(values.config, linesOf(values.json === true));
}

const args = process.argv.slice(2);
main(args).catch((error: unknown) => {
  // Also a command line that cannot be read is reported in the form it asks for.
  process.exitCode = linesOf(args.includes("--json")).failed(error);
});
