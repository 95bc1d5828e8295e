/**
 * `pnpm demo`: the whole path from blank cards to paid merchants, through the apps' command lines and HTTP only.
 * Options: --json (the report on standard output), --keep (leave everything running, with
 * a sandbox to try it in), --direct (no PC/SC).
 */
import { parseArgs } from "node:util";
import { onParentGone } from "@tallystick/stack";
import { keepRunning } from "./keep.ts";
import { openSandbox } from "./sandbox/open-sandbox.ts";
import { createNarrator } from "./story/narrator.ts";
import { closingTables } from "./report/closing-tables.ts";
import { documentOf } from "./report/document.ts";
import { tellStory } from "./story/story.ts";
import { createDemoStack } from "./stack/demo-stack.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    direct: { type: "boolean", default: process.platform !== "linux" },
  },
});

// Whatever ends this process, the guardian stops what it started: nothing has to be undone here.
let ending = false;
const end = (): void => {
  if (ending) return;
  ending = true;
  process.stderr.write("\nstopping …\n");
  process.exit(130);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
onParentGone(end);

const startedMs = performance.now();
const narrator = createNarrator(
  (text) => process.stderr.write(text),
  () => performance.now(),
);
process.stderr.write("Tallystick: three cards, two merchants, no network.\n");
if (options.direct)
  process.stderr.write("No virtual PC/SC driver here: cards are reached through cardhost's own socket.\n");

try {
  narrator.chapter("Start the real parts");
  const stack = await createDemoStack({ direct: options.direct, say: narrator.line });
  const report = await tellStory(stack, narrator, startedMs);
  process.stderr.write("\n");
  if (options.json) process.stdout.write(`${JSON.stringify(documentOf(report))}\n`);
  else process.stdout.write(`${closingTables(report)}\n`);
  if (options.keep) {
    if (report.ok) narrator.chapter("A sandbox for you");
    const sandbox = report.ok ? await openSandbox(stack, narrator, report) : null;
    const say = (text: string): void => void process.stderr.write(text);
    await keepRunning({ stack, sandbox, isTerminal: process.stdin.isTTY === true, say });
  }
  for (const fault of narrator.faults) process.stderr.write(`✗ ${fault}\n`);
  process.exitCode = report.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
