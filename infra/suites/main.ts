/**
 * `pnpm test`: runs every suite of every language, one after another, since they share two cores. The last line is
 * `N passed, N failed` over all of them. Arguments name the suites to run; without any, all run.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { makeWorkFolder, onParentGone, projectRoot } from "@tallystick/stack";
import { checkSuite } from "./check-suite.ts";
import { forgeSuite } from "./forge-suite.ts";
import { jestSuite } from "./jest-suite.ts";
import { mavenSuite } from "./maven-suite.ts";
import type { Suite } from "./suite.ts";

function jestFolders(root: string, parent: string): string[] {
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json")));
}

function allSuites(root: string): Suite[] {
  const jest = (folders: readonly string[]): Suite[] => folders.map((folder) => jestSuite(root, folder));
  return [
    checkSuite(root),
    ...jest(jestFolders(root, "packages")),
    forgeSuite(root),
    mavenSuite(root),
    ...jest(["infra/check", "infra/suites", "infra/mutation", "infra/stack", "infra/demo", "bench"]),
    ...jest(jestFolders(root, "apps")),
    ...jest(["e2e"]),
  ];
}

async function runAll(suites: readonly Suite[]): Promise<boolean> {
  const work = makeWorkFolder("suites");
  chmodSync(work.path, 0o711);
  let passed = 0;
  let failed = 0;
  const start = performance.now();
  for (const [index, suite] of suites.entries()) {
    const folder = join(work.path, String(index));
    mkdirSync(folder);
    const suiteStart = performance.now();
    const result = await suite.run(folder);
    const seconds = ((performance.now() - suiteStart) / 1000).toFixed(1);
    // A suite that ran nothing has lost its tests on the way, which must not look like success.
    const lost = result.passed + result.failed === 0;
    passed += result.passed;
    failed += result.failed + (lost ? 1 : 0);
    if (result.failed > 0 || lost) process.stdout.write(`${result.output}\n`);
    const verdict = lost ? "ran no test" : `${result.passed} passed, ${result.failed} failed`;
    process.stdout.write(`${suite.name.padEnd(28)} ${seconds.padStart(7)} s   ${verdict}\n`);
  }
  work.remove();
  process.stdout.write(`all suites took ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0;
}

// Whatever ends this process, what it started ends with it.
const stop = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
onParentGone(stop);

const known = allSuites(projectRoot());
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.some((suite) => suite.name === name));
if (unknown.length > 0) {
  process.stderr.write(`no suite ${unknown.join(", ")}; there are ${known.map((suite) => suite.name).join(", ")}\n`);
  process.exit(2);
}
const green = await runAll(wanted.length === 0 ? known : known.filter((suite) => wanted.includes(suite.name)));
process.exit(green ? 0 : 1);
