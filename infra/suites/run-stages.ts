import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Stage } from "./stages.ts";
import type { Suite, SuiteResult } from "./suite.ts";

/** A suite that has run. */
export type SuiteRun = { readonly name: string; readonly seconds: number; readonly result: SuiteResult };

/** The stages with the named suites alone; without names, all of them. */
export function chosenStages(stages: readonly Stage[], names: readonly string[]): Stage[] {
  if (names.length === 0) return [...stages];
  return stages.map((lanes) => lanes.map((lane) => lane.filter(({ name }) => names.includes(name))));
}

/** Runs the stages one after another, and the lanes of each beside each other. Every suite gets a private folder. */
export async function runStages(
  stages: readonly Stage[],
  { folder, onEnd }: { readonly folder: string; readonly onEnd: (run: SuiteRun) => void },
): Promise<void> {
  let count = 0;
  const run = async (suite: Suite): Promise<void> => {
    count += 1;
    const own = join(folder, String(count));
    mkdirSync(own);
    const start = performance.now();
    const result = await suite.run(own);
    onEnd({ name: suite.name, seconds: (performance.now() - start) / 1_000, result });
  };
  for (const lanes of stages) {
    await Promise.all(
      lanes.map(async (lane) => {
        for (const suite of lane) await run(suite);
      }),
    );
  }
}
