import "reflect-metadata";
import { parseArgs } from "node:util";
import { RpcError } from "@tallystick/evm";
import {
  checkLine,
  createProgramLines,
  endGracefully,
  EXIT,
  exitCodesHelp,
  ProgramError,
  runChecks,
  type FailureRule,
  type ProgramLines,
} from "@tallystick/program";
import { createLogger } from "@tallystick/program/service";
import { createApplication, openDoors } from "./application.ts";
import {
  backupCommand,
  backupCommandsHelp,
  restoreCommand,
  restoreDrillCommand,
  type RestoreOptions,
} from "./commands/backup-commands.ts";
import { alarmCommandsHelp, alarmsCommand } from "./commands/alarm-commands.ts";
import { migrateCommand, migrateHelp } from "./commands/migrate-command.ts";
import { chainCommandsHelp, finalityCommand, rescanCommand, type CommandResult } from "./commands/chain-commands.ts";
import { joiningCommand, joiningHelp } from "./commands/joining-command.ts";
import { ledgerCommand, ledgerCommandsHelp } from "./commands/ledger-commands.ts";
import { keysCommand, keysHelp } from "./commands/keys-command.ts";
import { withdrawCommand, withdrawHelp } from "./commands/withdraw-command.ts";
import { auditCommand, auditCommandsHelp } from "./commands/audit-commands.ts";
import { peopleCommand, peopleCommandsHelp } from "./commands/people-commands.ts";
import { tokenCommandsHelp, tokensCommand } from "./commands/token-commands.ts";
import { loadConfig } from "./foundation/config/load-config.ts";
import { systemClock } from "./foundation/clock.ts";
import { databaseAwayReason } from "./foundation/database/database-away.ts";
import { LIMITS } from "./foundation/limits/limits.ts";
import { installationChecks } from "./operations/check/installation-checks.ts";
import { closePlatform, createPlatform } from "./platform.ts";
import { evidenceCommand, evidenceHelp } from "./verify/evidence/evidence-command.ts";
import { requestCommand, requestHelp } from "./verify/request-command.ts";
import { verifyAuditCommand, verifyAuditHelp } from "./verify/audit-command.ts";
import { statementCommand, statementHelp } from "./verify/statement-command.ts";
import { verifyCommand, verifyHelp } from "./verify/verify-command.ts";

const APP = "settlement";

const help = `Usage: tallystick-settlement --config FILE [--json]
       tallystick-settlement check-config --config FILE [--json]
       tallystick-settlement verify --bundle FILE --issuer-key HEX (verify --help)
       tallystick-settlement verify evidence FILE (verify evidence --help)
       tallystick-settlement verify statement FILE (verify statement --help)
       tallystick-settlement certificate-request --file FILE (certificate-request --help)
       tallystick-settlement rescan --config FILE --from BLOCK (rescan --help)
       tallystick-settlement finality --config FILE [--accept] (finality --help)
       tallystick-settlement withdraw-certificate … (withdraw-certificate --help)
       tallystick-settlement joining list|approve|refuse … (joining --help)
       tallystick-settlement backup|restore-drill|restore --config FILE --file BACKUP (backup --help)
       tallystick-settlement keys rotate gas|treasury|issuer --config FILE … (keys --help)
       tallystick-settlement migrate --config FILE [--plan] (migrate --help)
       tallystick-settlement alarms list|acknowledge|test --config FILE … (alarms --help)
       tallystick-settlement tokens add|list|revoke --config FILE … (tokens --help)
       tallystick-settlement people invite|list|remove|erase --config FILE … (people --help)
       tallystick-settlement audit export --config FILE --file FILE (audit --help)
       tallystick-settlement verify audit FILE (verify audit --help)
       tallystick-settlement ledger export|replay FILE (ledger --help)

Takes uploads in, keeps the books, batches vouchers, sends them to the vault, and issues what cards
and terminals carry. It runs until it is asked to end (SIGTERM, SIGINT).

check-config looks at everything that the configuration names: key files, database, Redis, node,
vault, token, accounts. It prints a line for each, changes nothing, and exits as the first fault says.

  --config FILE  the configuration; docs/operating/settlement.md describes it
  --json         every line as one JSON object
  --version      the version
  --help         this text

${exitCodesHelp}
`;

const databaseRule: FailureRule = (error) => {
  const reason = databaseAwayReason(error);
  if (reason === null) return null;
  const next = "Start PostgreSQL, or correct databaseUrl.";
  return { code: "DATABASE_UNAVAILABLE", message: `The database does not answer (${reason}).`, exit: "store", next };
};

const nodeRule: FailureRule = (error) =>
  error instanceof RpcError
    ? {
        code: "CHAIN_UNREACHABLE",
        message: error.message,
        exit: "network",
        next: "See whether the node runs, and whether rpcUrl is right.",
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
  const platform = createPlatform(config);
  const app = await createApplication(platform, logger);
  const { terminals: url, administration } = await openDoors(app, platform);
  const withinMs = LIMITS.endMs;
  endGracefully({ end: () => app.close(), withinMs, report: (message) => logger.log(message) });
  lines.ready({ url, administration, pid: process.pid });
}

function verify(args: readonly string[]): void {
  const ofStatement = args[0] === "statement";
  if (args.includes("--help")) {
    process.stdout.write(`${ofStatement ? statementHelp : verifyHelp}\n${exitCodesHelp}\n`);
    return;
  }
  const { line, accepted } = ofStatement ? statementCommand(args.slice(1)) : verifyCommand(args);
  process.stdout.write(`${line}\n`);
  process.exitCode = accepted ? EXIT.done : EXIT.failed;
}

async function verifyAudit(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    process.stdout.write(`${verifyAuditHelp}\n${exitCodesHelp}\n`);
    return;
  }
  const { line, accepted } = await verifyAuditCommand(args);
  process.stdout.write(`${line}\n`);
  process.exitCode = accepted ? EXIT.done : EXIT.failed;
}

function verifyEvidence(args: readonly string[]): void {
  if (args.includes("--help")) {
    process.stdout.write(`${evidenceHelp}\n${exitCodesHelp}\n`);
    return;
  }
  const { lines, accepted } = evidenceCommand(args);
  process.stdout.write(`${lines.join("\n")}\n`);
  process.exitCode = accepted ? EXIT.done : EXIT.failed;
}

function judgeRequest(args: readonly string[]): void {
  if (args.includes("--help")) {
    process.stdout.write(`${requestHelp}\n${exitCodesHelp}\n`);
    return;
  }
  const { lines, accepted } = requestCommand(args, systemClock.now);
  process.stdout.write(`${lines.join("\n")}\n`);
  process.exitCode = accepted ? EXIT.done : EXIT.failed;
}

/** Standard output carries a line for each check. */
async function checkConfig(configFile: string, json: boolean): Promise<void> {
  const platform = createPlatform(loadConfig(configFile));
  try {
    process.exitCode = await runChecks(installationChecks(platform), {
      ...{ limitMs: LIMITS.checkMs, rules: [databaseRule, nodeRule] },
      report: (result) => process.stdout.write(`${checkLine(APP, result, json)}\n`),
    });
  } finally {
    await closePlatform(platform);
  }
}

async function command(
  run: (args: readonly string[]) => Promise<CommandResult>,
  args: readonly string[],
  text: string,
): Promise<void> {
  if (args.includes("--help")) {
    process.stdout.write(`${text}\n${exitCodesHelp}\n`);
    return;
  }
  const { line, exit } = await run(args);
  process.stdout.write(`${line}\n`);
  process.exitCode = exit;
}

async function restoring(
  run: (args: readonly string[], options: RestoreOptions) => Promise<number>,
  args: readonly string[],
): Promise<void> {
  if (args.includes("--help")) {
    process.stdout.write(`${backupCommandsHelp}\n${exitCodesHelp}\n`);
    return;
  }
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  process.exitCode = await run(args, { rules: [databaseRule, nodeRule], write });
}

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === "verify" && rest[0] === "audit") return await verifyAudit(rest.slice(1));
  if (name === "verify" && rest[0] === "evidence") {
    verifyEvidence(rest.slice(1));
    return;
  }
  if (name === "verify") {
    verify(rest);
    return;
  }
  if (name === "certificate-request") {
    judgeRequest(rest);
    return;
  }
  if (name === "rescan") return await command(rescanCommand, rest, chainCommandsHelp);
  if (name === "finality") return await command(finalityCommand, rest, chainCommandsHelp);
  if (name === "migrate") return await command(migrateCommand, rest, migrateHelp);
  if (name === "alarms")
    return await command((given) => alarmsCommand(given, systemClock.now), rest, alarmCommandsHelp);
  if (name === "keys") return await command(keysCommand, rest, keysHelp);
  if (name === "backup") return await command(backupCommand, rest, backupCommandsHelp);
  if (name === "restore-drill") return await restoring(restoreDrillCommand, rest);
  if (name === "restore") return await restoring(restoreCommand, rest);
  if (name === "tokens")
    return await command((given) => tokensCommand(given, systemClock.now), rest, tokenCommandsHelp);
  if (name === "joining")
    return await command((given) => joiningCommand(given, { now: systemClock.now }), rest, joiningHelp);
  if (name === "people")
    return await command((given) => peopleCommand(given, systemClock.now), rest, peopleCommandsHelp);
  if (name === "audit") return await command(auditCommand, rest, auditCommandsHelp);
  if (name === "ledger")
    return await command((given) => ledgerCommand(given, systemClock.now), rest, ledgerCommandsHelp);
  if (name === "withdraw-certificate") return await command(withdrawCommand, rest, withdrawHelp);
  const checks = name === "check-config";
  const { values } = parseArgs({
    args: checks ? rest : [...args],
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
  const json = values.json === true;
  await (checks ? checkConfig(values.config, json) : serve(values.config, linesOf(json)));
}

const args = process.argv.slice(2);
main(args).catch((error: unknown) => {
  // Also a command line that cannot be read is reported in the form it asks for.
  process.exitCode = linesOf(args.includes("--json")).failed(error);
});
