/**
 * `pnpm interop [--write]`: a client that is not ours speaks SCP03 to a fresh simulated card over a real PC/SC daemon. The
 * outcome is one JSON line; the exit code is 1 unless all is right. `--write` puts the outcome into the documentation.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeWorkFolder, onParentGone, projectRoot, startCardhost, startPcscd } from "@tallystick/stack";
import { parseOutcome, writeOutcome } from "./outcome.ts";
import { pythonEnvironment } from "./python-environment.ts";
import { runTool, type ToolRun } from "./run-tool.ts";

const CLIENT_DEADLINE_MS = 60_000;

const end = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
onParentGone(end);

async function runClient(python: string, client: string): Promise<ToolRun> {
  const pcscd = await startPcscd({ readers: 1 });
  const folder = makeWorkFolder("interop");
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error("pcscd has no reader");
  const card = await startCardhost({ port: reader.port, state: join(folder.path, "card") });
  try {
    return await runTool({
      command: python,
      args: [client, reader.name],
      env: { ...process.env, PCSCLITE_CSOCK_NAME: pcscd.socket },
      deadlineMs: CLIENT_DEADLINE_MS,
      hear: (text) => process.stderr.write(text),
    });
  } finally {
    await card.stop();
    await pcscd.stop();
    folder.remove();
  }
}

/** The options; a command line that is wrong ends with the usage and code 2. */
function optionsOf(args: readonly string[]): { readonly write: boolean } {
  try {
    return parseArgs({ args: [...args], options: { write: { type: "boolean", default: false } } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nusage: interop [--write]\n`);
    process.exit(2);
  }
}

const values = optionsOf(process.argv.slice(2));
const root = projectRoot();
try {
  const python = await pythonEnvironment(join(root, ".tallystick"), join(root, "e2e/interop/requirements.txt"));
  const run = await runClient(python, join(root, "e2e/interop/yubikit_client.py"));
  const outcome = parseOutcome(run.stdout);
  if (outcome === undefined) throw new Error(`the client ended without an outcome (exit ${run.code}):\n${run.output}`);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  if (values.write) {
    const page = join(root, "docs/operating/interop.md");
    writeFileSync(page, writeOutcome(readFileSync(page, "utf8"), outcome));
  }
  process.exit(outcome.ok && run.code === 0 ? 0 : 1);
} catch (error) {
  process.stderr.write(`interop: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
