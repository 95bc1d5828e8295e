/**
 * `pnpm soak [kills|faults|card|fuzz|contracts|readers|history|order|page|doors|sandbox|console|watch|upgrade|all] [--seed N] [--steps N] [--kills N] [--faults N] [--vouchers N] [--previous COMMIT]`: the long runs. Each says its seed first
 * and prints one JSON line when it has ended; the exit code is 1 when one did not pass, 2 for a command line that cannot
 * be meant.
 */
import { randomInt } from "node:crypto";
import { onParentGone, projectRoot } from "@tallystick/stack";
import { runTool, type ToolRun } from "./interop/run-tool.ts";
import { playFaultDays } from "./faults/fault-days.ts";
import { playUpgrade } from "./upgrade/upgrade-day.ts";
import { playTour } from "./sandbox/tour.ts";
import { playDay } from "./kill-day.ts";
import { runSoakCommand, type SoakCommand, type SoakResult } from "./soak-kinds.ts";
import { parseSoakOptions, type SoakKind, type SoakOptions, SoakUsageError } from "./soak-options.ts";

/** A million differential steps take hours on two cores; what takes longer than a week hangs. */
const DEADLINE_MS = 7 * 24 * 3_600_000;

const say = (text: string): void => void process.stderr.write(text);

const end = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
onParentGone(end);

async function soakKills({ kills, seed }: SoakOptions): Promise<SoakResult> {
  const { schema: _schema, seconds, ...counts } = await playDay({ kills, seed, durable: true, say });
  const passed = counts.lost === 0 && counts.doubled === 0;
  return { schema: "tallystick.soak/1", kind: "kills", seed, passed, seconds, counts };
}

async function soakFaults({ faults, seed }: SoakOptions): Promise<SoakResult> {
  const { seconds, passed, ...counts } = await playFaultDays({ faults, seed, durable: true, say });
  return { schema: "tallystick.soak/1", kind: "faults", seed, passed, seconds, counts };
}

async function soakSandbox({ seed }: SoakOptions): Promise<SoakResult> {
  const startMs = performance.now();
  const { passed, ...counts } = await playTour(say);
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  return { schema: "tallystick.soak/1", kind: "sandbox", seed, passed, seconds, counts: { ...counts } };
}

async function soakUpgrade({ seed, previous }: SoakOptions): Promise<SoakResult> {
  const { passed, seconds, ...counts } = await playUpgrade({ seed, previous, say });
  return { schema: "tallystick.soak/1", kind: "upgrade", seed, passed, seconds, counts };
}

async function run({ command, args, env }: SoakCommand): Promise<ToolRun> {
  return await runTool({ command, args, env: { ...process.env, ...env }, deadlineMs: DEADLINE_MS, hear: say });
}

async function soak(kind: SoakKind, options: SoakOptions): Promise<SoakResult> {
  if (kind === "kills") return await soakKills(options);
  if (kind === "faults") return await soakFaults(options);
  if (kind === "sandbox") return await soakSandbox(options);
  if (kind === "upgrade") return await soakUpgrade(options);
  const means = { root: projectRoot(), node: process.execPath, run, now: () => performance.now() };
  const { result, output } = await runSoakCommand(kind, options, means);
  if (!result.passed) say(`${output}\n`);
  return result;
}

async function main(): Promise<number> {
  let options: SoakOptions;
  try {
    options = parseSoakOptions(process.argv.slice(2), () => randomInt(1, 2 ** 31));
  } catch (error) {
    if (!(error instanceof SoakUsageError)) throw error;
    say(`soak: ${error.message}\n`);
    return 2;
  }
  let passed = true;
  for (const kind of options.kinds) {
    say(`soak ${kind}, seed ${options.seed}\n`);
    const result = await soak(kind, options);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    passed &&= result.passed;
  }
  return passed ? 0 : 1;
}

process.exit(await main());
