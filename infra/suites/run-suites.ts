import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Suite, SuiteResult } from "./suite.ts";

/** A suite that has run. */
export type SuiteRun = { readonly name: string; readonly seconds: number; readonly result: SuiteResult };

/** The named suites alone, in their order; without names, all of them. */
export function chosenSuites(suites: readonly Suite[], names: readonly string[]): Suite[] {
  return suites.filter(({ name }) => names.length === 0 || names.includes(name));
}

/**
 * Runs the suites beside each other in so many places: whenever one ends, the first that may begin and finds room does. A
 * suite waits for those that its `after` names, where they run at all. Every suite gets a private folder.
 */
export async function runSuites(
  suites: readonly Suite[],
  options: { readonly folder: string; readonly places: number; readonly onEnd: (run: SuiteRun) => void },
): Promise<void> {
  const waiting = [...suites];
  const unended = new Set(suites.map(({ name }) => name));
  const running = new Set<Promise<void>>();
  let free = options.places;
  /** One that wants more places than there are gets all. */
  const wantedBy = ({ places = 1 }: Suite): number => Math.min(places, options.places);
  const run = async (suite: Suite, number: number): Promise<void> => {
    const own = join(options.folder, String(number));
    mkdirSync(own);
    const start = performance.now();
    const result = await suite.run(own);
    unended.delete(suite.name);
    options.onEnd({ name: suite.name, seconds: (performance.now() - start) / 1_000, result });
  };
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(
      (suite) => wantedBy(suite) <= free && !(suite.after ?? []).some((name) => unended.has(name)),
    );
    if (next >= 0) {
      const [suite] = waiting.splice(next, 1) as [Suite];
      free -= wantedBy(suite);
      const ending = run(suite, suites.length - waiting.length).finally(() => {
        free += wantedBy(suite);
        running.delete(ending);
      });
      running.add(ending);
    } else if (running.size > 0) {
      await Promise.race(running);
    } else {
      throw new Error(`these suites wait for each other: ${waiting.map(({ name }) => name).join(", ")}`);
    }
  }
}
