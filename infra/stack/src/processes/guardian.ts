import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import {
  FOLDER_ATTEMPTS,
  FOLDER_PAUSE_MS,
  GUARDIAN_KILL_MS,
  GUARDIAN_STOP_MS,
  POLL_MS,
  RELEASED_POLL_MS,
} from "../limits.ts";

/**
 * The guardian is a small process that outlives this one just long enough to clean up. It reads a list of process
 * groups and folders from a pipe; the pipe ends when this process ends, in whatever way, kill −9 included, and then
 * it stops the groups and removes the folders. It is plain JavaScript given on the command line, so that it runs the
 * same from sources, from a build and inside a test runner.
 */
const GUARDIAN_PROGRAM = `
const { rm } = require("node:fs/promises");
const groups = new Set(), folders = new Set();
let rest = "", released = false;
const alive = (group) => { try { process.kill(-group, 0); return true; } catch { return false; } };
const signal = (name) => { for (const group of groups) { try { process.kill(-group, name); } catch {} } };
const line = (text) => {
  const value = text.slice(2);
  if (text[0] === "+") groups.add(Number(value));
  if (text[0] === "-") groups.delete(Number(value));
  if (text[0] === "f") folders.add(value);
  if (text[0] === "u") folders.delete(value);
  if (text[0] === "r") released = true;
};
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  lines.forEach(line);
});
const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const untilGone = async (ms) => {
  for (let wait = 0; wait < ms && [...groups].some(alive); wait += ${POLL_MS}) await pause(${POLL_MS});
};
const clean = async () => {
  signal("SIGTERM");
  await untilGone(${GUARDIAN_STOP_MS});
  signal("SIGKILL");
  await untilGone(${GUARDIAN_KILL_MS});
  for (const folder of folders) await remove(folder);
  process.exit(0);
};
// A process that was stopped may have a guardian of its own, which removes what is inside at the same moment.
const remove = async (folder) => {
  for (let attempt = 0; attempt < ${FOLDER_ATTEMPTS}; attempt += 1) {
    try { return await rm(folder, { recursive: true, force: true }); } catch { await pause(${FOLDER_PAUSE_MS}); }
  }
};
process.stdin.on("close", async () => {
  while (released && [...groups].some(alive)) await pause(${RELEASED_POLL_MS});
  await clean();
});
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => released && clean());
`;

let guardian: { process: ChildProcess; pipe: Writable } | undefined;

function pipe(): Writable {
  if (guardian === undefined || guardian.process.exitCode !== null) {
    const child = spawn(process.execPath, ["-e", GUARDIAN_PROGRAM], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
    });
    const stdin = child.stdin;
    stdin.on("error", () => undefined);
    child.unref();
    (stdin as unknown as { unref?: () => void }).unref?.();
    guardian = { process: child, pipe: stdin };
  }
  return guardian.pipe;
}

/** Starts the guardian now. Called before a process is spawned, so that its group is guarded without delay. */
export function wakeGuardian(): void {
  pipe();
}

/** Has the process group stopped when this process ends. */
export function guardGroup(group: number): void {
  pipe().write(`+ ${group}\n`);
}

/** Forgets a process group that has ended. */
export function unguardGroup(group: number): void {
  pipe().write(`- ${group}\n`);
}

/** Has the folder removed when this process ends. */
export function guardFolder(folder: string): void {
  pipe().write(`f ${folder}\n`);
}

/** Forgets a folder that is gone, or that shall stay. */
export function unguardFolder(folder: string): void {
  pipe().write(`u ${folder}\n`);
}

/**
 * Leaves everything running after this process ends. The guardian stays, too: when the last group has ended it removes
 * the folders, and when it is asked to stop it stops everything.
 * @returns the guardian's process id
 */
export function releaseAll(): number {
  pipe().write("r all\n");
  return guardian?.process.pid ?? 0;
}
