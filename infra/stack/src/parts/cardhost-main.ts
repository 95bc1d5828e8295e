/** `pnpm cardhost`: hands its arguments to cardhost and ends when the launcher ends. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { javaCommand } from "./cardhost-command.ts";
import { onParentGone } from "../processes/parent-pipe.ts";

const { command, args } = javaCommand();
const host = spawn(command, [...args, ...process.argv.slice(2)], { stdio: "inherit", detached: true });
const stop = (): void => {
  host.kill("SIGTERM");
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
onParentGone(stop);
host.on("error", (error) => {
  process.stderr.write(`cannot start java: ${error.message}\n`);
  process.exit(1);
});
host.on("close", (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
