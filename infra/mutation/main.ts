/**
 * `pnpm mutation`: changes a package's source in many small ways and counts which changes its tests notice (mutation
 * testing by Stryker). It works on a copy in a temporary folder, takes minutes, and is not part of the tests.
 *
 * Standard output ends with one line of JSON. Exit status: 0 when the score is at least LEAST_SCORE_PERCENT, 1 when it is
 * below, a change could not be judged or the run failed, 2 for wrong arguments.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { makeWorkFolder, onParentGone, projectRoot } from "@tallystick/stack";
import { copyPackage } from "./copy-package.ts";
import { LEAST_SCORE_PERCENT } from "./limits.ts";
import { usage, readOptions } from "./options.ts";
import { packages } from "./packages.ts";
import { scoresOf, survivorsOf } from "./score.ts";
import { endTool, installTools, runStryker } from "./stryker.ts";

const options = readOptions(process.argv.slice(2));
if (options === null) {
  process.stderr.write(`${usage()}\n`);
  process.exit(2);
}

const root = projectRoot();
const work = makeWorkFolder("mutation");
const stop = (): void => {
  endTool();
  work.remove();
  process.exit(130);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
onParentGone(stop);

const chosen = packages[options.package];
const say = (text: string): void => void process.stderr.write(`mutation: ${text}\n`);
say(`copying packages/${options.package} to ${work.path}`);
copyPackage({ root, work: work.path, name: options.package });
say("installing Stryker there");
await installTools(work.path);
const mutants = await runStryker(work.path, options);
work.remove();
if (mutants === null) {
  say("Stryker gave no result; what it printed above says why");
  process.exit(1);
}

const report = resolve(root, options.report);
mkdirSync(dirname(report), { recursive: true });
writeFileSync(report, `${JSON.stringify(survivorsOf(mutants), null, 2)}\n`);
const scores = scoresOf(mutants);
const line = {
  schema: "tallystick.mutation/2",
  package: options.package,
  mutate: options.mutate,
  judgedBy: options.tests,
  ...scores,
  least: LEAST_SCORE_PERCENT,
  leftOut: { tests: chosen.testsLeftOut, sources: chosen.sourcesLeftOut },
  survivors: report,
};
process.stdout.write(`${JSON.stringify(line)}\n`);
if (scores.total.unjudged > 0) say(`${scores.total.unjudged} changes could not be judged, so there is no score`);
process.exit(
  scores.total.unjudged === 0 && scores.total.score !== null && scores.total.score >= LEAST_SCORE_PERCENT ? 0 : 1,
);
