import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";

/** What one suite found. `output` is shown when something failed. */
export type SuiteResult = { readonly passed: number; readonly failed: number; readonly output: string };

/** A set of tests in one language and place. `run` gets a private folder for what it writes. */
export type Suite = { readonly name: string; readonly run: (folder: string) => Promise<SuiteResult> };

/** How a command ended, with everything it wrote. */
export type CommandResult = { readonly code: number; readonly output: string };

let current: ReturnType<typeof spawn> | undefined;

/** Ends the command that is running, with its whole group. */
export function stopCurrent(): void {
  if (current?.pid === undefined) return;
  try {
    process.kill(-current.pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/** Runs a command in a group of its own and collects its output; `stdout` alone goes to a file when one is named. */
export async function runCommand(options: {
  command: string;
  args: readonly string[];
  cwd: string;
  folder: string;
  env?: NodeJS.ProcessEnv;
}): Promise<CommandResult & { stdout: string }> {
  const outFile = join(options.folder, "stdout");
  const allFile = join(options.folder, "output");
  const out = createWriteStream(outFile);
  const all = createWriteStream(allFile);
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  current = child;
  child.stdout.on("data", (chunk: Buffer) => {
    out.write(chunk);
    all.write(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => all.write(chunk));
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      all.write(`${error.message}\n`);
      resolve(127);
    });
    child.on("close", (exitCode) => {
      resolve(exitCode ?? 1);
    });
  });
  current = undefined;
  await Promise.all([out, all].map(async (stream) => await once(stream.end(), "close")));
  return { code, output: readFileSync(allFile, "utf8"), stdout: readFileSync(outFile, "utf8") };
}
