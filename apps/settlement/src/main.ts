import "reflect-metadata";
import { parseArgs } from "node:util";
import { createProgramLines, exitCodesHelp, ProgramError, type ProgramLines } from "@tallystick/program";
import { assertCommand, commandOf } from "./commands/program/all-commands.ts";
import { databaseRule } from "./commands/program/failure-rules.ts";

const APP = "settlement";

const help = `Usage: tallystick-settlement --config FILE [--json]
       tallystick-settlement check-config --config FILE [--json]
       tallystick-settlement verify --bundle FILE --issuer-key HEX (verify --help)
       tallystick-settlement verify evidence FILE (verify evidence --help)
       tallystick-settlement verify statement FILE (verify statement --help)
       tallystick-settlement verify proof FILE (verify proof --help)
       tallystick-settlement verify receipt FILE --issuer-key HEX (verify receipt --help)
       tallystick-settlement verify period FILE --issuer-key HEX (verify period --help)
       tallystick-settlement certificate-request --file FILE (certificate-request --help)
       tallystick-settlement rescan --config FILE --from BLOCK … (rescan --help)
       tallystick-settlement finality --config FILE [--accept …] (finality --help)
       tallystick-settlement withdraw-certificate … (withdraw-certificate --help)
       tallystick-settlement joining list|approve|refuse … (joining --help)
       tallystick-settlement backup|restore-drill|restore --config FILE --file BACKUP … (backup --help)
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

function linesOf(json: boolean): ProgramLines {
  return createProgramLines({
    ...{ app: APP, json, rules: [databaseRule] },
    writeLine: write,
    writeError: (line) => process.stderr.write(`${line}\n`),
  });
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function runCommand({ load, args }: NonNullable<ReturnType<typeof commandOf>>): Promise<void> {
  const command = await load();
  if (args.includes("--help")) {
    write(`${command.help}\n${exitCodesHelp}`);
    return;
  }
  const { lines, exit } = await command.run(args, write);
  for (const line of lines) write(line);
  process.exitCode = exit;
}

async function main(args: readonly string[]): Promise<void> {
  assertCommand(args);
  const named = commandOf(args);
  if (named !== null) return await runCommand(named);
  const checks = args[0] === "check-config";
  const { values } = parseArgs({
    args: checks ? args.slice(1) : [...args],
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
  if (checks) {
    const { checkConfig } = await import("./commands/program/check-config.ts");
    process.exitCode = await checkConfig(values.config, { app: APP, json, write });
    return;
  }
  // The service's code is read when it is to run.
  const { serve } = await import("./serve.ts");
  await serve(values.config, { app: APP, lines: linesOf(json) });
}

const args = process.argv.slice(2);
main(args).catch((error: unknown) => {
  // Also a command line that cannot be read is reported in the form it asks for.
  process.exitCode = linesOf(args.includes("--json")).failed(error);
});
