import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkSuite } from "./check-suite.ts";
import { forgeSuite } from "./forge-suite.ts";
import { jestSuite } from "./jest-suite.ts";
import { mavenSuite } from "./maven-suite.ts";
import type { Suite } from "./suite.ts";

/** Suites of one lane run one after another; the lanes of a stage run beside each other, a stage after the one before it. */
export type Stage = readonly (readonly Suite[])[];

function jestFolders(root: string, parent: string): string[] {
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json")));
}

/**
 * Every suite of every language. A suite is mostly one process that computes or waits, so two cores run two of them. The
 * applet's suite makes cardhost anew, which all suites with cards start: it has ended before they begin.
 */
export function allStages(root: string): readonly Stage[] {
  const jest = (...folders: readonly string[]): Suite[] => folders.map((folder) => jestSuite(root, folder));
  // Its tests wait for databases and chains most of the time: it takes as long as all the others.
  const settlement = "apps/settlement";
  return [
    [[checkSuite(root)], [mavenSuite(root)]],
    [
      [
        ...jest(...jestFolders(root, "packages")),
        forgeSuite(root),
        ...jest("infra/check", "infra/suites", "infra/mutation", "infra/stack", "infra/demo", "bench"),
        ...jest(...jestFolders(root, "apps").filter((folder) => folder !== settlement)),
      ],
      jest(settlement, "e2e"),
    ],
  ];
}
