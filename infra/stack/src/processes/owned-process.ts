import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { StackError } from "../errors.ts";
import { guardGroup, unguardGroup, wakeGuardian } from "./guardian.ts";
import { LOG_TAIL_BYTES, POLL_MS, STOP_DEADLINE_MS } from "../limits.ts";

/** How a process ended: its code, or the signal that ended it. */
export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A process in a group of its own, which ends with this process at the latest. */
export type OwnedProcess = {
  readonly pid: number;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  /** Bytes that were in `stdoutFile` before it started: a file may hold several lives of one part. */
  readonly stdoutStart: number;
  /** Settles when the process has ended. It does not keep this process awake; `finished` does. */
  readonly ended: Promise<Ending>;
  /** Waits for the end of a process that ends by itself. */
  readonly finished: () => Promise<Ending>;
  readonly isRunning: () => boolean;
  /** Asks the group to stop and kills it when it does not within `STOP_DEADLINE_MS`. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ending>;
  /** Ends the group at once, as a loss of power would: kill −9. */
  readonly kill: () => Promise<Ending>;
  /** What it wrote to its standard output. */
  readonly output: () => string;
  /** What it wrote to its standard error, and all of it when both go to one file. */
  readonly errors: () => string;
  /** The end of what it wrote, for a message. */
  readonly tail: () => string;
};

export type OwnedProcessOptions = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The user and group to run as; needs root. */
  readonly uid?: number;
  readonly gid?: number;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  /** An open file descriptor that the process gets as its number 3. */
  readonly descriptor3?: number;
};

function tailOf(file: string): string {
  try {
    return readFileSync(file, "utf8").slice(-LOG_TAIL_BYTES);
  } catch {
    return "";
  }
}

/**
 * Starts a process whose output goes to files, so that it can outlive this process when that is wanted, and so that a
 * failure can be read later.
 * @throws StackError NOT_INSTALLED when the command does not exist
 */
export async function startOwnedProcess(options: OwnedProcessOptions): Promise<OwnedProcess> {
  wakeGuardian();
  const out = openSync(options.stdoutFile, "a");
  const stdoutStart = fstatSync(out).size;
  const err = options.stderrFile === options.stdoutFile ? out : openSync(options.stderrFile, "a");
  const stderrStart = fstatSync(err).size;
  const child = spawn(options.command, [...options.args], {
    detached: true,
    cwd: options.cwd ?? "/",
    env: options.env ?? process.env,
    stdio: ["ignore", out, err, ...(options.descriptor3 === undefined ? [] : [options.descriptor3])],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  // Told at once and not only when it runs: this process may be killed any moment.
  if (child.pid !== undefined) guardGroup(child.pid);
  closeSync(out);
  if (err !== out) closeSync(err);
  const pid = await new Promise<number>((resolve, reject) => {
    child.on("error", (cause) => {
      reject(
        new StackError(
          "NOT_INSTALLED",
          `cannot start ${options.command}: ${cause.message}; run the bootstrap to install it`,
        ),
      );
    });
    child.on("spawn", () => {
      resolve(child.pid ?? 0);
    });
  });
  let ending: Ending | undefined;
  const ended = new Promise<Ending>((resolve) => {
    child.on("exit", (code, signal) => {
      ending = { code, signal };
      unguardGroup(pid);
      resolve(ending);
    });
  });
  child.unref();
  return controls({ pid, ended, options, stdoutStart, stderrStart, ending: () => ending });
}

function controls(state: {
  pid: number;
  ended: Promise<Ending>;
  options: OwnedProcessOptions;
  stdoutStart: number;
  stderrStart: number;
  ending: () => Ending | undefined;
}): OwnedProcess {
  const { pid, ended, options } = state;
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended by itself.
    }
  };
  // A timer keeps this process awake while it waits: the child itself does not.
  const settle = async (deadlineMs: number): Promise<Ending | undefined> => {
    const end = performance.now() + deadlineMs;
    while (state.ending() === undefined && performance.now() < end) await pause(POLL_MS);
    return state.ending();
  };
  const kill = async (): Promise<Ending> => {
    signalGroup("SIGKILL");
    return (await settle(STOP_DEADLINE_MS)) ?? (await ended);
  };
  return {
    pid,
    stdoutFile: options.stdoutFile,
    stderrFile: options.stderrFile,
    stdoutStart: state.stdoutStart,
    ended,
    finished: async () => (await settle(Infinity)) ?? (await ended),
    output: () => readFileSync(options.stdoutFile).subarray(state.stdoutStart).toString("utf8"),
    errors: () => readFileSync(options.stderrFile).subarray(state.stderrStart).toString("utf8"),
    isRunning: () => state.ending() === undefined,
    kill,
    stop: async (signal = "SIGTERM") => {
      if (state.ending() === undefined) signalGroup(signal);
      return (await settle(STOP_DEADLINE_MS)) ?? (await kill());
    },
    tail: () =>
      `${tailOf(options.stdoutFile)}${options.stderrFile === options.stdoutFile ? "" : tailOf(options.stderrFile)}`,
  };
}
