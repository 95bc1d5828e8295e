import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LEAST_SCORE_PERCENT, MUTANT_TIME_LIMIT_MS } from "./limits.ts";
import type { Options } from "./options.ts";
import { packages } from "./packages.ts";
import type { FileMutants } from "./score.ts";

/** The tools, at exact versions. They are no part of the workspace: nothing else uses them. */
const tools = {
  "@stryker-mutator/core": "10.0.0",
  "@stryker-mutator/mocha-runner": "10.0.0",
  mocha: "11.8.0",
};

/** What test-globals/index.mjs is built of; Jest gives all its parts one version. */
const partsOfJest = ["expect", "jest-mock", "@jest/fake-timers"];

let current: ChildProcess | null = null;

/** Ends the tool that is running, with its whole group. */
export function endTool(): void {
  if (current?.pid === undefined) return;
  try {
    process.kill(-current.pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

async function run(work: string, command: string, args: readonly string[]): Promise<number> {
  // Progress goes to standard error, so that standard output holds the line of JSON alone.
  const child = spawn(command, [...args], { cwd: work, stdio: ["ignore", 2, 2], detached: true });
  current = child;
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      resolve(exitCode ?? 1);
    });
  });
  current = null;
  return code;
}

/** Installs Stryker, Mocha, and the parts of Jest that tests call, at the workspace's version, into the work folder. */
export async function installTools(work: string): Promise<void> {
  const workspace = readFileSync(join(import.meta.dirname, "../../pnpm-workspace.yaml"), "utf8");
  const jestVersion = /^ {2}jest: (\S+)$/m.exec(workspace)?.[1];
  const parts = Object.fromEntries(partsOfJest.map((name) => [name, jestVersion]));
  const dependencies = { ...tools, ...parts };
  const manifest = { name: "mutation", private: true, type: "module", dependencies };
  writeFileSync(join(work, "package.json"), JSON.stringify(manifest));
  const code = await run(work, "npm", ["install", "--no-audit", "--no-fund", "--loglevel", "error"]);
  if (code !== 0) throw new Error("npm could not install Stryker; run the command again with a registry in reach");
}

/** The tests that judge, all of the package's by default, in the order in which they run: those with outside vectors take longest and come last. */
function testFiles(work: string, options: Options): string[] {
  const folder = `packages/${options.package}`;
  const leftOut = Object.keys(packages[options.package].testsLeftOut).map((path) => `${folder}/${path}`);
  const chosen = options.tests.map((path) => `${folder}/${path}`);
  const found = globSync(chosen, { cwd: work, exclude: leftOut }).sort();
  const slow = (path: string): boolean => /(vectors|verifying|invalid-space)\.test/.test(path);
  return [...found.filter((path) => !slow(path)), ...found.filter(slow)];
}

/**
 * Runs Stryker in the work folder and answers the mutants of each file, or null when it gave no result. Its dry run, which
 * must pass, records which test reaches which mutant; each mutant is then judged by those tests alone, up to the first
 * that fails, without loading anything anew. What runs only while modules are loaded needs a new process for each mutant
 * and is judged with `static` only.
 */
export async function runStryker(work: string, options: Options): Promise<FileMutants | null> {
  const folder = `packages/${options.package}`;
  const result = join(work, "mutation.json");
  const config = {
    packageManager: "npm",
    testRunner: "mocha",
    testRunnerNodeArgs: ["--conditions=source", "--disable-warning=ExperimentalWarning"],
    plugins: ["@stryker-mutator/mocha-runner"],
    mochaOptions: { spec: testFiles(work, options), "no-config": true, "no-package": true },
    coverageAnalysis: "perTest",
    ignoreStatic: !options.static,
    disableTypeChecks: false,
    mutate: [
      ...options.mutate.map((path) => `${folder}/${path}`),
      `!${folder}/src/**/*.test.ts`,
      `!${folder}/src/**/*.d.ts`,
      ...Object.keys(packages[options.package].sourcesLeftOut).map((path) => `!${folder}/${path}`),
    ],
    reporters: ["clear-text", "progress-append-only", "json"],
    jsonReporter: { fileName: result },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
    concurrency: options.jobs,
    inPlace: true,
    timeoutMS: MUTANT_TIME_LIMIT_MS,
    thresholds: { high: 95, low: LEAST_SCORE_PERCENT, break: null },
  };
  writeFileSync(join(work, "stryker.config.json"), JSON.stringify(config));
  const code = await run(work, join(work, "node_modules/.bin/stryker"), ["run"]);
  if (code !== 0 || !existsSync(result)) return null;
  return (JSON.parse(readFileSync(result, "utf8")) as { files: FileMutants }).files;
}
