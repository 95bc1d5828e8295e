import { spawn } from "node:child_process";

export interface ToolRun {
  /** Null when it was ended by a signal or could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams, in the order they came. */
  readonly output: string;
}

/** Runs a program to its end, at most `deadlineMs`. It never rejects: a program that is missing is a run without a code. */
export async function runTool(options: {
  readonly command: string;
  readonly args: readonly string[];
  readonly deadlineMs: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Hears standard error while the program runs. */
  readonly hear?: (text: string) => void;
}): Promise<ToolRun> {
  const { command, args, deadlineMs, env = process.env, hear } = options;
  const child = spawn(command, [...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: deadlineMs,
    killSignal: "SIGKILL",
  });
  const end = (): void => void child.kill("SIGKILL");
  process.on("exit", end);
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    hear?.(text);
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      output += error.message;
      resolve(null);
    });
    child.on("close", resolve);
  });
  process.off("exit", end);
  return { code, stdout, output };
}
