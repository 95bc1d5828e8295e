#!/usr/bin/env node
import { runProgram } from "./cli/program.ts";

// The first signal lets the step that runs end and stops before the next one; a second one ends the process at once.
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    stop.abort();
    process.once(name, () => process.exit(6));
  });
}

const exitCode = await runProgram(process.argv.slice(2), {
  writeLine: (line) => process.stdout.write(`${line}\n`),
  signal: stop.signal,
});
// Readers and sockets are closed by now; what a library still holds must not keep a finished program alive.
process.stdout.write("", () => process.exit(exitCode));
