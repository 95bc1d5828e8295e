/**
 * What stands before every program of the house: it checks Node's version before anything else is
 * loaded, finds the workspace's own Node where the machine's is too old, and names what is missing.
 * It runs on whatever Node the machine has, without a build and without any package: only Node's
 * own modules are imported here.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LEAST_NODE } from "./limits.mjs";

/** The exit code of a program that cannot be started like this (`usage` in src/lines/exits.ts). */
const exitUsage = 2;

/** The exit code of a program whose output nobody reads any more, as of one that SIGPIPE ended. */
const exitUnread = 128 + constants.signals.SIGPIPE;

/** Set for a program that was handed over, so that it is never handed over twice. */
const HANDED_OVER = "TALLYSTICK_HANDED_OVER";

/**
 * Starts a program: `dist/main.js` beside the folder of its launcher.
 * @param {{ name: string, launcher: string, leastNode?: number }} options name of the command; URL
 * of the launcher's file
 */
export async function launch({ name, launcher, leastNode = LEAST_NODE }) {
  const file = fileURLToPath(launcher);
  const folder = dirname(dirname(file));
  const args = process.argv.slice(2);
  endWithReader();
  if (args.length === 1 && args[0] === "--version") {
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    process.stdout.write(`${name} ${version}\n`);
    return;
  }
  const wasHandedOver = process.env[HANDED_OVER] === "1";
  delete process.env[HANDED_OVER];
  if (Number(process.versions.node.split(".")[0]) < leastNode) {
    const node = wasHandedOver ? null : workspaceNode(folder);
    if (node === null) {
      refuse(name, args, {
        code: "NODE_TOO_OLD",
        message: `Node ${process.versions.node} is too old, and this checkout has none of its own.`,
        next: `Run npx -y pnpm@12 bootstrap in the checkout, or start it with Node ${leastNode} or newer.`,
      });
      return;
    }
    handOver(node, [file, ...args]);
    return;
  }
  const main = join(folder, "dist", "main.js");
  if (!existsSync(main)) {
    refuse(name, args, {
      code: "NOT_BUILT",
      message: "The program is not built.",
      next: "Run npx -y pnpm@12 bootstrap in the checkout.",
    });
    return;
  }
  await import(main);
}

/** The Node of this machine's kind that the lockfile names, in the nearest folder above that has it. */
function workspaceNode(folder) {
  for (let at = folder; ; at = dirname(at)) {
    const node = join(at, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
    if (existsSync(node)) return node;
    if (at === dirname(at)) return null;
  }
}

/**
 * Runs the program with another Node: its streams are ours, our signals are its, and so is its exit
 * code.
 */
function handOver(node, args) {
  const child = spawn(node, args, { stdio: "inherit", env: { ...process.env, [HANDED_OVER]: "1" } });
  // A terminal's Ctrl-C reaches the program twice, by itself and from here; it counts that once.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`NODE_FAILED: ${node} cannot be run (${error.code}).\n`);
    process.exitCode = exitUsage;
  });
  child.on("close", (code, signal) => process.exit(code === null ? 128 + (constants.signals[signal] || 0) : code));
}

/** `… | head` has read enough: the program ends like others do then, and says nothing. */
function endWithReader() {
  process.stdout.on("error", (error) => {
    if (error.code === "EPIPE") process.exit(exitUnread);
    throw error;
  });
}

/** Says why the program does not start, in the form of all failed lines. */
function refuse(name, args, { code, message, next }) {
  const app = name.replace("tallystick-", "");
  const line = args.includes("--json")
    ? JSON.stringify({ schema: "tallystick.failed/1", app, code, message, next })
    : `${code}: ${message}\nWhat to do: ${next}`;
  process.stderr.write(`${line}\n`);
  process.exitCode = exitUsage;
}
