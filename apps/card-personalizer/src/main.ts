#!/usr/bin/env node
import { runProgram } from "./cli/program.ts";
import { EXIT, type ExitCode } from "./failures.ts";

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
process.stdout.write("", () => leave(exitCode));

/**
 * Ends the process. The reader library waits for a mute card in a thread that nothing can stop, and an ordinary exit
 * waits for that thread; replacing the process does not.
 */
function leave(code: ExitCode): void {
  if (code === EXIT.card && process.platform !== "win32") {
    process.execve?.("/bin/sh", ["sh", "-c", `exit ${code}`]);
  }
  process.exit(code);
}
