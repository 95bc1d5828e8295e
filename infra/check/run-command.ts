import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type OwnedProcess, StackError, startOwnedProcess } from "@tallystick/stack";

/** How a command ended, with everything it wrote. */
export type CommandResult = { readonly code: number; readonly output: string };

/** The code of a shell for a command that is not there. */
const notFound = 127;

/**
 * A folder for the temporary files of one command, which goes away with the command's own folder, however it ends. Other
 * users may pass through it: PostgreSQL does not run as root. On a Mac the path would be too long for sockets.
 */
function temporaryFolder(folder: string): NodeJS.ProcessEnv {
  if (process.platform === "darwin") return {};
  const path = join(folder, "t");
  mkdirSync(path, { recursive: true });
  for (const passed of [folder, path]) chmodSync(passed, 0o711);
  return { TMPDIR: path };
}

/**
 * Runs a command in a group of its own, which ends with this process at the latest, and collects its output. With
 * `apart` the two outputs are kept apart and `stdout` is the first alone.
 */
export async function runCommand(options: {
  command: string;
  args: readonly string[];
  cwd: string;
  folder: string;
  env?: NodeJS.ProcessEnv;
  apart?: boolean;
}): Promise<CommandResult & { stdout: string }> {
  const stdoutFile = join(options.folder, "output");
  let child: OwnedProcess;
  try {
    child = await startOwnedProcess({
      command: options.command,
      args: options.args,
      cwd: options.cwd,
      env: { ...process.env, ...temporaryFolder(options.folder), ...options.env },
      stdoutFile,
      stderrFile: options.apart === true ? join(options.folder, "errors") : stdoutFile,
    });
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    return { code: notFound, output: error.message, stdout: "" };
  }
  const { code } = await child.finished();
  const stdout = child.output();
  return { code: code ?? 1, output: options.apart === true ? `${stdout}${child.errors()}` : stdout, stdout };
}
