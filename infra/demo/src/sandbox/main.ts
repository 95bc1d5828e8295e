/**
 * The sandbox as a process of its own: `main.ts PLAN`. It owns settlement and the terminals, and whatever ends it ends
 * them, too. Prints one line of JSON when it serves.
 */
import { readFileSync } from "node:fs";
import type { SandboxPlan } from "./plan.ts";
import { startSandbox } from "./sandbox.ts";
import { SandboxError } from "./sandbox-error.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(0));

const [planFile = ""] = process.argv.slice(2);
const readJson = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
try {
  const ready = await startSandbox(readJson(planFile) as SandboxPlan, readJson);
  process.stdout.write(`${JSON.stringify(ready)}\n`);
} catch (error) {
  const code = error instanceof SandboxError ? error.code : "FAILED";
  process.stderr.write(`${code}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
