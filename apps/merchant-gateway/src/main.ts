import "reflect-metadata";
import { runCommandLine } from "./app/command-line.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), {
  writeLine: (line) => process.stdout.write(`${line}\n`),
  writeError: (line) => process.stderr.write(`${line}\n`),
});
