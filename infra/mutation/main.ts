/**
 * `pnpm mutation`: changes a part's source in many small ways and counts which changes its tests notice (mutation
 * testing). It works on a copy in a temporary folder, takes minutes, and is not part of the tests.
 *
 * Standard output is the result: with `--json` one line of JSON. Exit status: 0 when the score is at least
 * LEAST_SCORE_PERCENT, 1 when it is below, a change could not be judged or the run failed, 2 for wrong arguments.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { makeWorkFolder, onParentGone, projectRoot } from "@tallystick/stack";
import { measuredCommit } from "./commit.ts";
import { usage, readOptions } from "./options.ts";
import { type Part, parts } from "./parts.ts";
import { isGoodEnough, printedResult, resultOf } from "./result.ts";
import { SolidityRun } from "./solidity/solidity-run.ts";
import { StrykerRun } from "./stryker-run.ts";

const options = readOptions(process.argv.slice(2), () => randomBytes(4).readUInt32BE());
if (options === null) {
  process.stderr.write(`${usage()}\n`);
  process.exit(2);
}

const root = projectRoot();
const work = makeWorkFolder("mutation");
const { folder, language }: Part = parts[options.part];
const run = new (language === "solidity" ? SolidityRun : StrykerRun)({ root, work: work.path });
const stop = (): void => {
  run.end();
  work.remove();
  process.exit(130);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
onParentGone(stop);

const say = (text: string): void => void process.stderr.write(`mutation: ${text}\n`);
const measured = measuredCommit(root, [folder]);
say(
  `part ${options.part}, seed ${options.seed}, ${options.sample === 0 ? "all changes" : `${options.sample} changes`}`,
);
const files = await run.judge(options, say);
work.remove();
if (files === null) {
  say("there is no result; what was printed above says why");
  process.exit(1);
}

const result = resultOf(files, options, measured);
const report = resolve(root, options.report);
mkdirSync(dirname(report), { recursive: true });
writeFileSync(report, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${options.json ? JSON.stringify(result) : printedResult(result)}\n`);
say(`the result is also in ${report}`);
process.exit(isGoodEnough(result) ? 0 : 1);
