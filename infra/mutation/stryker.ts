import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DRY_RUN_MINUTES, LEAST_SCORE_PERCENT, MUTANT_TIME_LIMIT_MS, TIMES_DRY_RUN } from "./limits.ts";
import type { Options } from "./options.ts";
import { parts } from "./parts.ts";
import type { FileMutants } from "./score.ts";

/** The tools, at exact versions. They are no part of the workspace: nothing else uses them. */
const tools = {
  "@stryker-mutator/core": "10.0.0",
  "@stryker-mutator/mocha-runner": "10.0.0",
  mocha: "11.8.0",
};

/** What test-globals/index.mjs is built of; Jest gives all its parts one version. */
const partsOfJest = ["expect", "jest-mock", "@jest/fake-timers"];

/** The files of this folder that Stryker's processes load, from a folder of their own beside the copy. */
const loadedThere = ["sampling-checker.ts", "draw.ts", "loader"];

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
  // Progress goes to standard error, so that standard output holds the result alone.
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
  const jest = Object.fromEntries(partsOfJest.map((name) => [name, jestVersion]));
  const dependencies = { ...tools, ...jest };
  const manifest = { name: "mutation", private: true, type: "module", dependencies };
  writeFileSync(join(work, "package.json"), JSON.stringify(manifest));
  const code = await run(work, "npm", [
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--loglevel",
    "error",
  ]);
  if (code !== 0) throw new Error("npm could not install Stryker; run the command again with a registry in reach");
}

/** Puts what Stryker's processes load into the work folder, and says where its places are. */
function placeLoaded(work: string, root: string, folder: string): void {
  mkdirSync(join(work, "mutation"));
  for (const file of loadedThere) {
    cpSync(join(import.meta.dirname, file), join(work, "mutation", file), { recursive: true });
  }
  const globals = join(work, folder, "node_modules/@jest/globals/index.mjs");
  const places = { root, folder: join(work, folder), globals };
  writeFileSync(join(work, "mutation/loader/places.json"), JSON.stringify(places));
}

/**
 * The tests that judge, in the order in which they run, which is the order in which the part names them: the nearest first,
 * because the first that fails ends the judging. Those with outside vectors take longest and come last.
 */
function testFiles(work: string, options: Options): string[] {
  const { folder, testsLeftOut } = parts[options.part];
  const leftOut = Object.keys(testsLeftOut).map((path) => `${folder}/${path}`);
  const chosen = options.tests.map((path) => `${folder}/${path}`);
  const found = [...new Set(chosen.flatMap((glob) => globSync(glob, { cwd: work, exclude: leftOut }).sort()))];
  const slow = (path: string): boolean => /(vectors|verifying|invalid-space|wycheproof)\.test/.test(path);
  return [...found.filter((path) => !slow(path)), ...found.filter(slow)];
}

/** Stryker's settings for a run. */
function settingsOf(work: string, options: Options, result: string): object {
  const { folder, sourcesLeftOut } = parts[options.part];
  return {
    packageManager: "npm",
    testRunner: "mocha",
    testRunnerNodeArgs: [
      "--conditions=source",
      "--disable-warning=ExperimentalWarning",
      `--import=${join(work, "mutation/loader/register.mjs")}`,
    ],
    plugins: ["@stryker-mutator/mocha-runner", join(work, "mutation/sampling-checker.ts")],
    checkers: ["sampling"],
    sampling: { size: options.sample, skip: options.skip, seed: options.seed, folder: work },
    mochaOptions: { spec: testFiles(work, options), "no-config": true, "no-package": true },
    coverageAnalysis: "perTest",
    ignoreStatic: !options.static,
    disableTypeChecks: false,
    mutate: [
      ...options.mutate.map((path) => `${folder}/${path}`),
      `!${folder}/src/**/*.test.ts`,
      `!${folder}/src/**/*.d.ts`,
      ...Object.keys(sourcesLeftOut).map((path) => `!${folder}/${path}`),
    ],
    reporters: ["clear-text", "progress-append-only", "json"],
    jsonReporter: { fileName: result },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
    concurrency: options.jobs,
    inPlace: true,
    timeoutMS: MUTANT_TIME_LIMIT_MS,
    timeoutFactor: TIMES_DRY_RUN,
    dryRunTimeoutMinutes: DRY_RUN_MINUTES,
    thresholds: { high: 95, low: LEAST_SCORE_PERCENT, break: null },
  };
}

/**
 * Runs Stryker in the work folder and answers the mutants of each file, or null when it gave no result. Its dry run, which
 * must pass, records which test reaches which mutant; each drawn mutant is then judged by those tests alone, up to the
 * first that fails, without loading anything anew. What runs only while modules are loaded needs a new process for each
 * mutant and is judged with `static` only.
 */
export async function runStryker(root: string, work: string, options: Options): Promise<FileMutants | null> {
  const result = join(work, "mutation.json");
  placeLoaded(work, root, parts[options.part].folder);
  writeFileSync(join(work, "stryker.config.json"), JSON.stringify(settingsOf(work, options, result)));
  const code = await run(work, join(work, "node_modules/.bin/stryker"), ["run"]);
  if (code !== 0 || !existsSync(result)) return null;
  return (JSON.parse(readFileSync(result, "utf8")) as { files: FileMutants }).files;
}
