import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { BootstrapError } from "./console.mjs";
import { root, workspaceBin } from "./paths.mjs";
import { SHOWN_BYTES } from "./limits.mjs";

/** The environment of every step: the workspace's own Node first, and no tool calls home. */
export function stepEnvironment(extra = {}) {
  const pnpm = process.env.npm_execpath === undefined ? [] : [dirname(process.env.npm_execpath)];
  return {
    ...process.env,
    PATH: [workspaceBin, process.env.PATH, "/usr/sbin", "/sbin", ...pnpm].filter(Boolean).join(":"),
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
    FOUNDRY_DISABLE_NIGHTLY_WARNING: "1",
    ...extra,
  };
}

/**
 * Runs a step quietly; its output is shown only when it fails.
 * @throws BootstrapError with the end of the output
 */
export async function runStep(what, command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: stepEnvironment(options.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  child.stderr.on("data", (chunk) => chunks.push(chunk));
  const ending = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`));
  });
  const output = Buffer.concat(chunks).toString("utf8");
  if (ending !== undefined) {
    throw new BootstrapError(
      1,
      `${output.slice(-SHOWN_BYTES)}\ntallystick: ${what} failed (${ending}): ${command} ${args.join(" ")}`,
    );
  }
  return output;
}
