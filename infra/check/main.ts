/**
 * `pnpm check [NAME…] [--under PATH]…`: runs every check, or those that are named. `--under` shows what the rules find below
 * a path only, for somebody who works there.
 */
import { parseArgs } from "node:util";
import { makeWorkFolder, onParentGone, projectRoot } from "@tallystick/stack";
import { allChecks, runChecks } from "./run-checks.ts";

// Whatever ends this process, what it started ends with it.
const stop = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
onParentGone(stop);

const { values, positionals } = parseArgs({
  options: { under: { type: "string", multiple: true, default: [] } },
  allowPositionals: true,
});
const lanes = allChecks(projectRoot(), { names: positionals, under: values.under });
const unknown = positionals.filter((name) => !lanes.flat().some((check) => check.name === name));
if (unknown.length > 0) {
  const known = allChecks(projectRoot(), { names: [], under: [] }).flat();
  process.stderr.write(`no check ${unknown.join(", ")}; there are ${known.map(({ name }) => name).join(", ")}\n`);
  process.exit(2);
}

const work = makeWorkFolder("check");
let failed = 0;
await runChecks(lanes, {
  folder: work.path,
  onEnd: ({ name, seconds, result }) => {
    if (result.failed) process.stdout.write(`${result.output}\n`);
    const verdict = [result.failed ? "failed" : "good", result.summary].filter((text) => text !== "").join(", ");
    process.stdout.write(`${name.padEnd(20)} ${seconds.toFixed(1).padStart(6)} s   ${verdict}\n`);
    failed += result.failed ? 1 : 0;
  },
});
work.remove();
process.exit(failed === 0 ? 0 : 1);
