/**
 * Measures how many small faults in a package's source its tests notice (mutation testing by Stryker), in a copy in a
 * temporary folder with libraries of its own. Takes minutes to hours and is not part of the tests.
 *
 *   node packages/protocol/mutation/run.mjs [--package protocol|money] [--mutate src/caps.ts,src/sighting.ts] [--jobs 2]
 *
 * Exit status: 0 when the score is at least 85 %, 1 when it is below or the run failed, 2 for wrong arguments.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const LEAST_SCORE = 85;
const stryker = { "@stryker-mutator/core": "10.0.0", "@stryker-mutator/jest-runner": "10.0.0" };
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Workspace packages that a package needs, and tests that read the whole checkout and so have no place in the copy. */
const packages = {
  money: { needs: [], leaveOut: [] },
  protocol: { needs: ["money"], leaveOut: ["spec\\.test", "codecs\\.test"] },
};

const { values } = parseArgs({
  options: {
    package: { type: "string", default: "protocol" },
    mutate: { type: "string" },
    jobs: { type: "string", default: "1" },
  },
});
const chosen = packages[values.package];
if (chosen === undefined || !/^[1-9][0-9]?$/.test(values.jobs)) {
  console.error(`--package is one of ${Object.keys(packages).join(", ")}; --jobs is a number from 1 to 99.`);
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), "tallystick-mutation-"));
const leave = () => rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
process.on("exit", leave);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

copySources();
installLibraries();
process.exitCode = measure();

function copySources() {
  for (const file of ["tsconfig.base.json", "jest.base.mjs"]) cpSync(join(root, file), join(work, file));
  for (const folder of ["vectors", "docs/spec", "docs/reference"])
    cpSync(join(root, folder), join(work, folder), { recursive: true });
  const skip = /\/(node_modules|dist)(\/|$)/;
  for (const name of [values.package, ...chosen.needs]) {
    const filter = (source) => !skip.test(source.slice(root.length - 1));
    cpSync(join(root, "packages", name), join(work, "packages", name), { recursive: true, filter });
  }
}

/** The versions of the workspace's catalog, in one flat folder that Stryker can follow. */
function installLibraries() {
  const catalog = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8");
  const versionOf = (name) => new RegExp(`^  "?${name}"?: (\\S+)$`, "m").exec(catalog)?.[1];
  const manifest = JSON.parse(readFileSync(join(root, "packages", values.package, "package.json"), "utf8"));
  const names = [
    ...Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
    "@swc/core",
    "@swc/jest",
    "typescript",
  ];
  const libraries = names.filter((name) => !name.startsWith("@tallystick/")).map((name) => [name, versionOf(name)]);
  const dependencies = { ...Object.fromEntries(libraries), ...stryker };
  writeFileSync(
    join(work, "package.json"),
    JSON.stringify({ name: "mutation", private: true, type: "module", dependencies }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel", "error"]);
  const scope = join(work, "node_modules", "@tallystick");
  mkdirSync(scope, { recursive: true });
  for (const name of chosen.needs) symlinkSync(join(work, "packages", name), join(scope, name));
}

function measure() {
  const folder = `packages/${values.package}`;
  const ignored = ["/node_modules/", ...chosen.leaveOut].map((pattern) => JSON.stringify(pattern)).join(", ");
  const jest = `import { jestBase } from "../../jest.base.mjs";\nexport default { ...jestBase, rootDir: import.meta.dirname, testPathIgnorePatterns: [${ignored}] };\n`;
  writeFileSync(join(work, folder, "jest.mutation.mjs"), jest);
  const sources = (values.mutate?.split(",") ?? ["src/**/*.ts"]).map((path) => `${folder}/${path}`);
  const config = {
    packageManager: "npm",
    testRunner: "jest",
    testRunnerNodeArgs: ["--experimental-vm-modules"],
    plugins: ["@stryker-mutator/jest-runner"],
    jest: { configFile: `${folder}/jest.mutation.mjs` },
    coverageAnalysis: "perTest",
    mutate: [...sources, `!${folder}/src/**/*.test.ts`, `!${folder}/src/testing/**`, `!${folder}/src/**/*.d.ts`],
    reporters: ["clear-text", "progress-append-only", "json"],
    jsonReporter: { fileName: "mutation.json" },
    clearTextReporter: { allowColor: false, logTests: false },
    concurrency: Number(values.jobs),
    inPlace: true,
    ignoreStatic: true,
    thresholds: { high: 95, low: LEAST_SCORE, break: LEAST_SCORE },
  };
  writeFileSync(join(work, "stryker.config.json"), JSON.stringify(config));
  const status = run("npx", ["--no-install", "stryker", "run"], { mayFail: true });
  if (existsSync(join(work, "mutation.json"))) console.log(JSON.stringify(scoreOf(join(work, "mutation.json"))));
  return status === 0 ? 0 : 1;
}

/** Killed and timed-out mutants of all that any test reached or should have reached. */
function scoreOf(path) {
  const { files } = JSON.parse(readFileSync(path, "utf8"));
  const states = Object.values(files).flatMap((file) => file.mutants.map((mutant) => mutant.status));
  const count = (...wanted) => states.filter((state) => wanted.includes(state)).length;
  const noticed = count("Killed", "Timeout");
  const missed = count("Survived", "NoCoverage");
  const score = noticed + missed === 0 ? null : Number(((100 * noticed) / (noticed + missed)).toFixed(1));
  return {
    schema: "tallystick.mutation/1",
    package: values.package,
    mutate: values.mutate ?? "src",
    noticed,
    missed,
    score,
    least: LEAST_SCORE,
  };
}

function run(command, args, { mayFail = false } = {}) {
  const { status } = spawnSync(command, args, { cwd: work, stdio: "inherit" });
  if (status !== 0 && !mayFail) process.exit(1);
  return status;
}
