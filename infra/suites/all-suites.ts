import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkSuite } from "./check-suite.ts";
import { forgeSuite } from "./forge-suite.ts";
import { jestSuite } from "./jest-suite.ts";
import { mavenSuite } from "./maven-suite.ts";
import type { Suite } from "./suite.ts";

/** Jest's suites that take minutes, the longest first: what is short fills the gaps that they leave at the end. */
const LONG = [
  ...["apps/settlement", "apps/card-personalizer", "e2e", "apps/merchant-gateway"],
  ...["packages/apdu", "infra/suites"],
];

/** The one that runs two files at once. */
const WIDE = "apps/settlement";

const SHORT = ["infra/check", "infra/mutation", "infra/stack", "infra/demo", "bench"];

/**
 * Every suite of every language, in the order in which they are begun. The applet's makes cardhost anew, which all suites
 * with cards start: it has ended before they begin.
 */
export function allSuites(root: string): readonly Suite[] {
  const applet = mavenSuite(root);
  const folders = ["apps", "packages"].flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => `${parent}/${name}`)
      .filter((folder) => existsSync(join(root, folder, "package.json"))),
  );
  const jest = (names: readonly string[]): Suite[] =>
    names.map((folder) => ({
      ...jestSuite(root, folder),
      after: [applet.name],
      places: folder === WIDE ? 2 : 1,
    }));
  return [
    applet,
    checkSuite(root),
    ...jest(LONG),
    forgeSuite(root),
    ...jest(folders.filter((folder) => !LONG.includes(folder))),
    ...jest(SHORT),
  ];
}
