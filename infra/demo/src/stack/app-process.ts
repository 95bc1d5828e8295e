import { join } from "node:path";
import { followLines, type OwnedProcess, startOwnedProcess } from "@tallystick/stack";
import { READY_DEADLINE_MS } from "../limits.ts";

/** An app that runs as a process of its own, and where it serves. */
export interface AppProcess {
  readonly url: string;
  readonly process: OwnedProcess;
}

/** Environment of the apps: nothing of this process but the paths, so that they live from their configuration alone. */
export function appEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: process.env["HOME"], LANG: "C.UTF-8", ...extra };
}

/**
 * Starts a service and waits for its ready line.
 * @param options.program path of the built main file
 * @param options.folder where its configuration and logs are
 * @param options.name names the log files
 * @param options.env what its environment has besides the paths
 */
export async function startApp(options: {
  program: string;
  configFile: string;
  folder: string;
  name: string;
  env?: NodeJS.ProcessEnv;
}): Promise<AppProcess> {
  const process_ = await startOwnedProcess({
    command: process.execPath,
    args: [options.program, "--config", options.configFile, "--json"],
    env: appEnvironment(options.env),
    stdoutFile: join(options.folder, `${options.name}.out`),
    stderrFile: join(options.folder, `${options.name}.log`),
  });
  const ready = await followLines(process_, process_.stdoutStart).next(
    `${options.name} serving`,
    (event) => event["schema"] === "tallystick.ready/1",
    READY_DEADLINE_MS,
  );
  return { url: String(ready["url"]), process: process_ };
}

/** What a command that ended by itself wrote. */
export interface CommandOutcome {
  readonly code: number;
  readonly lines: readonly Record<string, unknown>[];
  readonly text: string;
}

/** Runs one of the project's commands to its end; its standard output is read as JSON lines. */
export async function runCommand(options: {
  program: string;
  args: readonly string[];
  folder: string;
  name: string;
  env?: NodeJS.ProcessEnv;
}): Promise<CommandOutcome> {
  const child = await startOwnedProcess({
    command: process.execPath,
    args: [options.program, ...options.args],
    env: appEnvironment(options.env),
    stdoutFile: join(options.folder, `${options.name}.out`),
    stderrFile: join(options.folder, `${options.name}.log`),
  });
  const { code } = await child.finished();
  const lines = child
    .output()
    .split("\n")
    .flatMap((line) => readObject(line));
  return { code: code ?? -1, lines, text: child.tail() };
}

function readObject(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? [value as Record<string, unknown>] : [];
  } catch {
    return [];
  }
}
