/**
 * `pnpm test`: runs every suite of every language, three processes beside each other where none disturbs the other. The last line is
 * `N passed, N failed` over all of them. Arguments name the suites to run; without any, all run.
 */
import { chmodSync } from "node:fs";
import { makeWorkFolder, onParentGone, projectRoot } from "@tallystick/stack";
import { allSuites } from "./all-suites.ts";
import { PLACES } from "./limits.ts";
import { chosenSuites, runSuites } from "./run-suites.ts";
import type { Suite } from "./suite.ts";

async function runAll(suites: readonly Suite[]): Promise<boolean> {
  const work = makeWorkFolder("suites");
  chmodSync(work.path, 0o711);
  let passed = 0;
  let failed = 0;
  const start = performance.now();
  await runSuites(suites, {
    folder: work.path,
    places: PLACES,
    onEnd: ({ name, seconds, result }) => {
      // A suite that ran nothing has lost its tests on the way, which must not look like success.
      const lost = result.passed + result.failed === 0;
      passed += result.passed;
      failed += result.failed + (lost ? 1 : 0);
      if (result.failed > 0 || lost) process.stdout.write(`${result.output}\n`);
      const verdict = lost ? "ran no test" : `${result.passed} passed, ${result.failed} failed`;
      process.stdout.write(`${name.padEnd(28)} ${seconds.toFixed(1).padStart(7)} s   ${verdict}\n`);
    },
  });
  work.remove();
  process.stdout.write(`all suites took ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0;
}

// Whatever ends this process, what it started ends with it.
const stop = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
onParentGone(stop);

const suites = allSuites(projectRoot());
const known = suites.map(({ name }) => name);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no suite ${unknown.join(", ")}; there are ${known.join(", ")}\n`);
  process.exit(2);
}
const green = await runAll(chosenSuites(suites, wanted));
process.exit(green ? 0 : 1);
