import { spawn } from "node:child_process";
import { constants } from "node:os";
import { watchLaunchers } from "./ancestors.mjs";
import { root } from "./paths.mjs";
import { stepEnvironment } from "./run.mjs";

/**
 * Runs the command's own program and answers its exit code. Signals are passed on. Descriptor 3 is a pipe that ends when
 * this process does, so that the program notices even when this process is killed.
 */
export async function handOver(command, args) {
  const child = spawn(command, args, {
    cwd: root,
    env: stepEnvironment({ TALLYSTICK_PARENT_PIPE: "3" }),
    stdio: ["inherit", "inherit", "inherit", "pipe"],
  });
  const pass = (signal) => child.kill(signal);
  // A terminal's Ctrl-C reaches the child twice, by itself and from here; the program counts it once.
  process.on("SIGINT", pass).on("SIGTERM", pass).on("SIGHUP", pass);
  const stopWatching = watchLaunchers(() => child.kill("SIGTERM"));
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
    });
  } finally {
    stopWatching();
    process.off("SIGINT", pass).off("SIGTERM", pass).off("SIGHUP", pass);
  }
}
