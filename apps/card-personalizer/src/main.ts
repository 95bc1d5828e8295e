import { Writable } from "node:stream";
import { createInterface } from "node:readline/promises";
import { EXIT, endGracefully, type ExitCode } from "@tallystick/program";
import { runProgram } from "./cli/program.ts";
import { END_WITHIN_MS } from "./limits.ts";

const writeError = (line: string): void => void process.stderr.write(`${line}\n`);

// The first signal lets the step that runs end and stops before the next one; a second one ends the process at once.
const end = endGracefully({
  // The run hears of the signal, ends by itself and leaves with its own code below.
  end: () => new Promise<never>(() => undefined),
  withinMs: END_WITHIN_MS,
  exit: "interrupted",
  report: writeError,
  process: { on: process.on.bind(process), off: process.off.bind(process), exit: leave },
});
const exitCode = await runProgram(process.argv.slice(2), {
  writeLine: (line) => void process.stdout.write(`${line}\n`),
  terminal: process.stdout.isTTY
    ? { write: (text) => void process.stdout.write(text), columns: () => process.stdout.columns }
    : null,
  writeError,
  signal: end.signal,
  ...(process.stdin.isTTY && process.stdout.isTTY ? { ask, askSecret } : {}),
});
end.dispose();
// Readers and sockets are closed by now; what a library still holds must not keep a finished program alive.
process.stdout.write("", () => leave(exitCode));

/** One question at the terminal, one line as its answer. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await lines.question(question, { signal: end.signal });
  } finally {
    lines.close();
  }
}

/** The same, and what is typed is not shown. */
async function askSecret(question: string): Promise<string> {
  process.stdout.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await lines.question("", { signal: end.signal });
  } finally {
    lines.close();
    process.stdout.write("\n");
  }
}

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
