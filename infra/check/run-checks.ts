import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ruleChecks, toolChecks, type Check, type CheckResult } from "./checks.ts";
import { readCheckout } from "./source-files.ts";

/** A check that has run. */
export type CheckRun = { readonly name: string; readonly seconds: number; readonly result: CheckResult };

/** Which checks to run, and for which places; none means all. Places concern the rules alone. */
export type Selection = { readonly names: readonly string[]; readonly under: readonly string[] };

/** All checks of a checkout in lanes. */
export function allChecks(root: string, { names, under }: Selection): Check[][] {
  const lanes = [ruleChecks(readCheckout(root), under), ...toolChecks(root)];
  return lanes.map((lane) => lane.filter(({ name }) => names.length === 0 || names.includes(name)));
}

/**
 * Runs the checks, also after one failed, so that one run shows all there is to correct. The rules come first, the two
 * lanes of tools beside each other after them: most of a check is one process on one core.
 */
export async function runChecks(
  [rules = [], ...tools]: readonly (readonly Check[])[],
  { folder, onEnd }: { readonly folder: string; readonly onEnd: (run: CheckRun) => void },
): Promise<void> {
  const runLane = async (lane: readonly Check[], name: string): Promise<void> => {
    const own = join(folder, name);
    mkdirSync(own, { recursive: true });
    for (const check of lane) {
      const start = performance.now();
      const result = await check.run(own);
      onEnd({ name: check.name, seconds: (performance.now() - start) / 1000, result });
    }
  };
  await runLane(rules, "rules");
  await Promise.all(tools.map((lane, index) => runLane(lane, `lane-${index}`)));
}
