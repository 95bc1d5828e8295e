/**
 * `pnpm programme`: a card programme from nothing on a development stack, by the very command that an issuer runs. Options:
 * --keep (leave everything running).
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { onParentGone, releaseAll } from "@tallystick/stack";
import { rehearseProgramme } from "./rehearse.ts";

const { values: options } = parseArgs({ options: { keep: { type: "boolean", default: false } } });

// Whatever ends this process, the guardian stops what it started: nothing has to be undone here.
const end = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
onParentGone(end);

const startedMs = performance.now();
try {
  const say = (text: string): void => {
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1).padStart(5);
    process.stderr.write(`${seconds} s  ${text}\n`);
  };
  const rehearsal = await rehearseProgramme({ say });
  process.stdout.write(`\n${readFileSync(String(rehearsal.done["record"]), "utf8")}`);
  if (options.keep) {
    const guardian = releaseAll();
    process.stderr.write(`\nAll is left running; the programme stands in ${rehearsal.folder}.\n`);
    process.stderr.write(`To stop it all: kill ${guardian}\n`);
  } else await rehearsal.stop();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
